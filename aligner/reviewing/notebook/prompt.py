"""JupyterLab's connection to a kernel, without a wait of 40 ms at every key.

A kernel that is asked something says that it is busy, and then answers. By Nagle's algorithm (RFC 896) the server holds the answer
back until the browser confirms the first of the two, which the browser, having nothing to say itself, puts off (RFC 1122, 4.2.3.2).
"""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Sends at once what there is to send."""

    def connect(self) -> Any:
        """As JupyterLab's own, of a type that changes between its versions."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
