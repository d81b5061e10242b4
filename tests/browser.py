"""A notebook as somebody sees it in a browser: JupyterLab or marimo, each a process of its own, and headless Chromium.

All waiting is for something to be seen, up to `PATIENCE`; whatever was started is ended when its `with` block is left, whichever way.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar
from urllib.error import URLError
from urllib.request import urlopen

import psutil
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

from aligner.reviewing.notebook.jupyter import PROMPT

PATIENCE = 30.0
"""Seconds to wait for anything: a kernel starts slowly on a busy machine, and a wait that is met costs nothing."""
LOOK_AGAIN = 0.03
"""Seconds between two looks at what is waited for."""
CHROMIUM_FLAGS = (
    "headless",
    "no-sandbox",
    "disable-gpu",
    "disable-quic",
    "no-first-run",
    "disable-background-networking",
    "disable-component-update",
    "disable-sync",
    "disable-dev-shm-usage",
)
"""A browser that a container can run, and that asks the network for nothing."""
NOT_OURS = ("Could not restore the debugger state",)
"""What a notebook itself says on the console when its kernel dies."""
_FOLDERS_OF_SETTINGS = (
    *("HOME", "XDG_CONFIG_HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"),
    "ALIGNER_CONFIG",
)
"""Variables that say where programs find what a user has set."""

Seen = TypeVar("Seen")


def wait_for(what: str, look: Callable[[], Seen | None], instead: Callable[[], object] = str) -> Seen:
    """The first true thing that `look` returns. Raises AssertionError where there is none in time, with what there was `instead`."""
    end = monotonic() + PATIENCE
    while True:
        try:
            seen = look()
        except WebDriverException:  # what was looked at is being drawn anew, or something lies over it
            seen = None
        if seen:
            return seen
        if monotonic() > end:
            raise AssertionError(f"waited {PATIENCE:.0f} s in vain for {what}; there was {instead()}")
        sleep(LOOK_AGAIN)


class Screen:
    """What somebody has who has only eyes, keys and a mouse. CSS selectors find in shadow trees too: marimo keeps widgets there."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def run(self, script: str, *arguments: object) -> Any:
        """What a piece of JavaScript returns, in which `all(css)` is all that can be seen of a kind."""
        return self.driver.execute_script(_ALL + script, *arguments)

    def all(self, css: str, text: str = "") -> list[WebElement]:
        """Everything of a kind that can be seen now and that holds the text."""
        found: list[WebElement] = self.run("return all(arguments[0]).filter((one) => one.textContent.includes(arguments[1]))", css, text)
        return found

    def find(self, css: str, text: str = "") -> WebElement:
        """The first of them, as soon as there is one."""
        return wait_for(f"{css} {text}".rstrip(), lambda: self.all(css, text))[0]

    def read(self, css: str) -> str:
        """The text of the first of a kind, to the letter; empty where there is none."""
        found: str = self.run("return all(arguments[0])[0]?.textContent ?? ''", css)
        return found

    def wait_text(self, css: str, text: str) -> None:
        """Until the first of a kind holds the text."""
        wait_for(f"{text!r} in {css}", lambda: text in self.read(css), lambda: self.read(css))

    def wait_gone(self, css: str, text: str = "") -> None:
        """Until nothing of a kind is seen any more."""
        wait_for(f"{css} {text} to go", lambda: not self.all(css, text))

    def click(self, css: str, text: str = "") -> None:
        """A click on the first of a kind that holds the text, as soon as the click arrives."""

        def clicked() -> bool:
            self.all(css, text)[0].click()
            return True

        wait_for(f"{css} {text} to click on", lambda: bool(self.all(css, text)) and clicked())

    def choose(self, css: str, option: str) -> None:
        """Take an option of the first list of a kind."""
        Select(self.find(css)).select_by_visible_text(option)

    def press(self, *keys: str, shift: bool = False, control: bool = False) -> None:
        """Key presses, one after the other, wherever the focus is."""
        chain = ActionChains(self.driver, duration=0)
        held = [key for key, down in ((Keys.SHIFT, shift), (Keys.CONTROL, control)) if down]
        for key in held:
            chain.key_down(key)
        chain.send_keys(*keys)
        for key in held:
            chain.key_up(key)
        chain.perform()

    def picture(self, path: Path) -> None:
        """What is seen, as PNG."""
        self.driver.save_screenshot(str(path))

    def errors(self) -> list[str]:
        """What the page complained of on its console since the last look."""
        messages = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
        return [message for message in messages if not any(known in message for known in NOT_OURS)]


_ALL = """
function all(css) {
  const found = [];
  const look = (root) => {
    found.push(...root.querySelectorAll(css));
    for (const element of root.querySelectorAll("*")) if (element.shadowRoot) look(element.shadowRoot);
  };
  look(document);
  return found.filter((one) => one.checkVisibility());
}
"""


@contextmanager
def chromium(browser: str, driver: str, *, width: int = 1280, height: int = 800) -> Iterator[Screen]:
    """Headless Chromium with a profile of its own; `browser` and `driver` are paths of programs."""
    service = Service(driver)
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory(prefix="aligner-browser-", ignore_cleanup_errors=True) as profile:
        for flag in (*CHROMIUM_FLAGS, f"user-data-dir={profile}"):
            options.add_argument(f"--{flag}")
        page = None
        try:
            page = webdriver.Chrome(options, service)
            # The window has a frame that is not ours; this is the size of the page itself.
            size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
            page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            yield Screen(page)
        finally:
            started = _family(service.process.pid) if service.process else []
            if page:
                page.quit()
            _end(started)


class Server:
    """A notebook server for one folder, on a free port of the loopback interface; it reads and writes no settings of the user's."""

    command: tuple[str, ...]
    health: str
    kernel_mark: str
    """What stands in the command of a process that runs a notebook."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder, self.arguments = folder, arguments
        self.settings = folder / ".settings"
        self.settings.mkdir()
        self.log = self.settings / "server.log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Server:
        environment = {**os.environ, **{name: str(self.settings / name) for name in _FOLDERS_OF_SETTINGS}}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.command, f"--port={self.port}", *self.arguments],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            wait_for(f"{self.command[0]} to answer", self._answers)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        _end(_family(self.process.pid))
        self.process.wait()

    def kill_kernel(self) -> None:
        """End the one kernel as a crash does: at once, in the middle of whatever it is doing."""
        everything = psutil.Process(self.process.pid).children(recursive=True)
        (kernel,) = [process for process in everything if self.kernel_mark in process.cmdline()]
        kernel.send_signal(signal.SIGKILL)
        kernel.wait()

    def open(self, screen: Screen) -> None:
        """Open the notebook and run all of it."""
        raise NotImplementedError

    def reload(self, screen: Screen) -> None:
        """Load the page again, as somebody does who closed it: the kernel goes on."""
        raise NotImplementedError

    def revive(self, screen: Screen) -> None:
        """After the kernel died: get another one and run all of the notebook."""
        raise NotImplementedError

    def _answers(self) -> bool:
        assert self.process.poll() is None, f"{self.command[0]} ended at once:\n{self.log.read_text()}"
        try:
            with urlopen(self.url + self.health, timeout=PATIENCE):
                return True
        except (URLError, ConnectionError):
            return False


class JupyterLab(Server):
    """JupyterLab on one notebook of the folder; theme: Light or Dark."""

    command = (
        *("jupyterlab", "--no-browser", "--allow-root", "--ServerApp.port_retries=0", "--IdentityProvider.token="),
        # It asks the network neither for newer versions nor for extensions; nor for news, by the settings.
        *("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.extension_manager=readonly"),
        PROMPT,
    )
    health = "/api/status"
    kernel_mark = "ipykernel_launcher"

    def __init__(self, folder: Path, notebook: str, *, theme: str = "Light") -> None:
        super().__init__(folder)
        self.notebook = notebook
        settings = {
            "@jupyterlab/apputils-extension:themes": {"theme": f"JupyterLab {theme}"},
            "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
        }
        defaults = self.settings / "JUPYTER_CONFIG_DIR" / "labconfig" / "default_setting_overrides.json"
        defaults.parent.mkdir(parents=True)
        defaults.write_text(json.dumps(settings))

    def open(self, screen: Screen) -> None:
        screen.driver.get(f"{self.url}/lab/tree/{self.notebook}")
        self._wait_for_kernel(screen)
        self._run_all(screen)

    def reload(self, screen: Screen) -> None:
        screen.click("[data-command='docmanager:save']")
        screen.wait_gone(".jp-mod-dirty")
        screen.driver.refresh()
        self._wait_for_kernel(screen)

    def revive(self, screen: Screen) -> None:
        screen.click(".jp-Dialog button", "Ok")
        self._wait_for_kernel(screen)
        self._run_all(screen)

    def _wait_for_kernel(self, screen: Screen) -> None:
        screen.find(".jp-Toolbar-kernelName", "Python")
        screen.find(".jp-NotebookPanel .jp-Notebook-ExecutionIndicator[data-status='idle']")

    def _run_all(self, screen: Screen) -> None:
        screen.click(".lm-MenuBar-itemLabel", "Run")
        screen.click("[data-command='runmenu:run-all']")


class Marimo(Server):
    """marimo on one notebook of the folder, which runs as soon as it is opened; theme: light or dark."""

    command = ("marimo", "--quiet", "edit", "--headless", "--no-token", "--skip-update-check")
    health = "/health"
    kernel_mark = "--multiprocessing-fork"

    def __init__(self, folder: Path, notebook: str, *, theme: str = "light") -> None:
        super().__init__(folder, notebook)
        config = self.settings / "XDG_CONFIG_HOME" / "marimo" / "marimo.toml"
        config.parent.mkdir(parents=True)
        config.write_text(f'[runtime]\nauto_instantiate = true\n[display]\ntheme = "{theme}"\n')

    def open(self, screen: Screen) -> None:
        screen.driver.get(self.url)

    def reload(self, screen: Screen) -> None:
        screen.driver.refresh()

    def revive(self, screen: Screen) -> None:
        screen.find("*", "Kernel stopped")
        screen.driver.refresh()


def _family(pid: int) -> list[psutil.Process]:
    """A process and all that it started; none where it has ended."""
    try:
        parent = psutil.Process(pid)
        return [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return []


def _end(processes: list[psutil.Process]) -> None:
    """End them: first politely, then for good."""
    left = processes
    for ask, seconds in ((psutil.Process.terminate, 5.0), (psutil.Process.kill, 5.0)):
        for process in left:
            with suppress(psutil.NoSuchProcess):
                ask(process)
        _, left = psutil.wait_procs(left, timeout=seconds)
