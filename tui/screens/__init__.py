# SPDX-License-Identifier: GPL-2.0-or-later
"""The screens, in the order in which the terminal lists them. A new one: its file, and its class here."""

from typing import Final

from tui.screens.base import HouseScreen
from tui.screens.board import BoardScreen
from tui.screens.calls import CallsScreen
from tui.screens.conferences import ConferencesScreen
from tui.screens.config import ConfigScreen
from tui.screens.flows import FlowsScreen
from tui.screens.lines import LinesScreen
from tui.screens.operations import OperationsScreen
from tui.screens.overview import OverviewScreen
from tui.screens.phones import PhonesScreen
from tui.screens.prompts import PromptsScreen
from tui.screens.recordings import RecordingsScreen
from tui.screens.routes import RoutesScreen
from tui.screens.sample import SampleScreen
from tui.screens.system import SystemScreen
from tui.screens.troubles import TroublesScreen
from tui.screens.users import UsersScreen
from tui.screens.voicemail import VoicemailScreen
from tui.screens.wall import WallScreen

SCREENS: Final[tuple[type[HouseScreen], ...]] = (
    OverviewScreen,
    LinesScreen,
    CallsScreen,
    BoardScreen,
    WallScreen,
    PhonesScreen,
    RoutesScreen,
    FlowsScreen,
    PromptsScreen,
    RecordingsScreen,
    SampleScreen,
    VoicemailScreen,
    ConferencesScreen,
    TroublesScreen,
    ConfigScreen,
    SystemScreen,
    UsersScreen,
    OperationsScreen,
)
