"""What can go wrong, said so that a person can act: what was wanted, what came, where, and what to do."""


class AlignerError(Exception):
    """The base of every error the package raises on purpose; the command line prints it and exits 1."""


class InputError(AlignerError):
    """A file, folder or text that cannot be read as what it was given for."""


class OutputError(AlignerError):
    """A result that cannot be written where it was asked for."""


class EncoderError(AlignerError):
    """An encoder that is unknown, unreachable or damaged."""


class CorpusError(AlignerError):
    """A corpus that cannot be opened, or does not hold what was asked of it."""


class ReviewError(AlignerError):
    """Something that a reviewer asked for and that cannot be done as things stand."""


class BatchError(AlignerError):
    """A batch that cannot go on for a reason that lies in the machine or the settings, not in one of its inputs."""
