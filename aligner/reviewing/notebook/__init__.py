"""The review in a notebook: a widget, what its page asks, and what JupyterLab needs to show it."""
