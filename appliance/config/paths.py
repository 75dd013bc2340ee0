# SPDX-License-Identifier: GPL-2.0-or-later
"""Paths of the box's files, computed once from the configuration file's own place."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.children.child import in_words
from appliance.config.errors import Mistake
from appliance.config.model import BoxConfig
from appliance.i18n import _

BUILT_IN_MUSIC: Final = "default"
MUSIC: Final = "music"
"""Folder of the owner's music among their sounds, beside those of the languages."""
SOCKET_PATH_MAX: Final = 107
"""Bytes of a Unix socket's path on Linux (unix(7): sun_path)."""


@dataclass(frozen=True)
class ResolvedPaths:
    """`appliance.config.model.Paths`, absolute. `sounds` is a folder of the state where the owner names none.

    `moved` is the folder to which recordings are moved after some days, None without one.
    """

    config: Path
    state: Path
    recordings: Path
    sounds: Path
    run: Path
    flows: Path
    tables: Path
    moved: Path | None = None

    @property
    def store(self) -> Path:
        """The books."""
        return self.state / "store.db"

    @property
    def access(self) -> Path:
        """Users who sign in, and the operation log."""
        return self.state / "access.db"

    @property
    def archive(self) -> Path:
        """Calls that left the books, a file a month."""
        return self.state / "archive"

    @property
    def prompts(self) -> Path:
        """The sounds that prompts had before they were replaced."""
        return self.state / "prompts"

    @property
    def switch_socket(self) -> Path:
        """The socket between switch and call server."""
        return self.run / "switch.sock"

    @property
    def control_socket(self) -> Path:
        """The control API."""
        return self.run / "control.sock"

    def make(self) -> None:
        """Create the folders that the box writes to: talks, numbers, digests: closed to other users.

        Raises ApplianceError.
        """
        try:
            for folder in (self.state, self.recordings, self.run):
                folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        except OSError as error:
            raise in_words(error) from error

    def flow(self, name: str) -> Path:
        """Return the path of a flow's document."""
        return self.flows / f"{name}.toml"


def resolve(config: BoxConfig, file: Path) -> ResolvedPaths:
    """Return the paths of `config`, absolute; relative ones are relative to the folder of its `file`."""
    home, named = file.absolute().parent, config.paths
    return ResolvedPaths(
        config=file.absolute(),
        state=home / named.state,
        recordings=home / named.recordings,
        sounds=home / (named.sounds or f"{named.state}/sounds"),
        run=home / named.run,
        flows=home / named.flows,
        tables=home / named.tables,
        moved=home / config.recording.archive.folder if config.recording.archive.folder else None,
    )


def there_is_music(sounds: Path | None, name: str) -> bool:
    """Return whether music is built in or among the owner's sounds."""
    return name == BUILT_IN_MUSIC or (sounds is not None and (sounds / MUSIC / f"{name}.wav").is_file())


def place_mistakes(config: BoxConfig, paths: ResolvedPaths) -> Iterator[Mistake]:
    """Check that the files which the box needs before it starts are on disk."""
    flows = [(f"route[{place}].flow", route.flow) for place, route in enumerate(config.route)]
    flows += [(f"queue[{place}].survey", queue.survey) for place, queue in enumerate(config.queue) if queue.survey]
    for place, queue in enumerate(config.queue):
        flows += [(f"queue[{place}].detours.{key}", flow) for key, flow in queue.detours.items()]
    for key, flow in flows:
        if not paths.flow(flow).is_file():
            known = sorted(path.stem for path in paths.flows.glob("*.toml"))
            message = _("there is no file {file}").format(file=paths.flow(flow))
            hint = (
                _("known: {names}").format(names=", ".join(known)) if known else _("write the flow, or set paths.flows")
            )
            yield Mistake(key, flow, message, hint)
    for place, queue in enumerate(config.queue):
        if not there_is_music(paths.sounds, queue.music):
            hint = _('allowed: "default", or a name with a file {file}').format(
                file=f"<paths.sounds>/{MUSIC}/<name>.wav"
            )
            yield Mistake(f"queue[{place}].music", queue.music, _("there is no such music"), hint)
    if config.paths.sounds and not paths.sounds.is_dir():
        hint = _("make the folder, or take the key out to have the built-in prompts only")
        yield Mistake(
            "paths.sounds", config.paths.sounds, _("there is no folder {folder}").format(folder=paths.sounds), hint
        )
    if len(str(paths.control_socket).encode()) > SOCKET_PATH_MAX:
        hint = _("a socket's path has {n} bytes at most: choose a shorter one, e.g. /run/mxbox").format(
            n=SOCKET_PATH_MAX
        )
        yield Mistake(
            "paths.run", config.paths.run, _("makes too long a path: {path}").format(path=paths.control_socket), hint
        )
