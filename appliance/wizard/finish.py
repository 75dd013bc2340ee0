# SPDX-License-Identifier: GPL-2.0-or-later
"""Writing of the answers: configuration, checked; flow of the hotline; passwords of phone and user."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from appliance.access import users
from appliance.access.users import Account
from appliance.config.edit import save
from appliance.config.load import look, read_config
from appliance.config.paths import ResolvedPaths, resolve
from appliance.i18n import _
from appliance.phones.book import PhoneBook
from appliance.phones.schema import FILE
from appliance.wall import system_wall
from appliance.wizard.draft import FLOW, draft
from appliance.wizard.errors import WizardError
from appliance.wizard.question import NO, Answers, Site

_EXAMPLE: Path = Path(__file__).parent.parent / "config" / "examples" / "flows" / f"{FLOW}.toml"
_MODE = 0o640


def write(site: Site, answers: Answers) -> Sequence[str]:
    """Write all, or nothing if the configuration would have a mistake; return lines about it. Raises ApplianceError."""
    if answers["write"] == NO:
        return [_("nothing was changed")]
    text = draft(site, answers)
    config = read_config(text, str(site.file)).config
    paths = resolve(config, site.file)
    _flow(paths, answers)
    _configuration(site, paths, text)
    told = [_("the configuration is in {file}").format(file=site.file)]
    now = system_wall(0)
    if number := answers.get("extension"):
        with PhoneBook(paths.state / FILE) as book:
            password = book.add(number, config.edge.domain, now) if number not in book.phones() else ""
        pairs = {"number": number, "domain": config.edge.domain, "password": password}
        if password:
            told.append(_("phone {number}: user name {number}, domain {domain}, password {password}").format(**pairs))
            told.append(_("write this password down: it is not shown again"))
    if (user := answers.get("user", "-")) != "-":
        users.add(paths.access, Account(user, "technician", ""), "", answers["password"], now)
        told.append(_("user {user} may sign in").format(user=user))
    return told


def known_users(paths: ResolvedPaths) -> tuple[str, ...]:
    """Return the names of those who may sign in. Raises AccessError."""
    return tuple(each.user for each in users.listed(paths.access)) if paths.access.exists() else ()


def _flow(paths: ResolvedPaths, answers: Answers) -> None:
    """Put the flow of the hotline into its place, unless there is one."""
    target = paths.flows / f"{FLOW}.toml"
    if answers.get("hotline") and not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_EXAMPLE, target)


def _configuration(site: Site, paths: ResolvedPaths, text: str) -> None:
    if not site.new:
        if text != site.text:
            save(site.file, paths, site.text, text, read_config(text, str(site.file)).config)
        return
    part = site.file.with_name(site.file.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_text(text, encoding="utf-8")
    part.chmod(_MODE)
    _config, mistakes = look(part)
    if mistakes:
        part.unlink()
        told = "\n".join(each.text(str(site.file)) for each in mistakes)
        raise WizardError(told, _("go back, and answer otherwise"))
    part.replace(site.file)
