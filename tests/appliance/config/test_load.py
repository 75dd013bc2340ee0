# SPDX-License-Identifier: GPL-2.0-or-later
"""A configuration is read whole or refused with every mistake named: file, line, key, value, what is allowed."""

import json
import typing
from pathlib import Path

import msgspec
import pytest

import appliance.config
from appliance.config import model
from appliance.config.base import Config
from appliance.config.errors import ConfigError
from appliance.config.load import load_box, load_config, parse_config, schema
from appliance.config.shape import allowed
from appliance.ivr.flow import Flow

HERE = Path(appliance.config.__file__).parent
EXAMPLES = sorted((HERE / "examples").glob("*.toml"))

GOOD = """\
profile = "mx30"

[[span]]
address = "sim:carrier"

[[extension]]
number = "1001"
line = "sip:1001@127.0.0.1:5071"

[[agent]]
number = "8001"
extension = "1001"
start = "ready"

[[queue]]
name = "sales"
agents = ["8001"]
"""

# (what is written instead of what, line, key, value, words of the message, words of the hint)
MISTAKES = [
    ('profile = "mx30"', 'profile = "mx31"', 1, "profile", "mx31", "not allowed", 'allowed: "mx30" or "mx90"'),
    ('profile = "mx30"', "profil = 1", 1, "profil", 1, "no such key", "did you mean profile?"),
    ('profile = "mx30"', "xyzzy = 1", 1, "xyzzy", 1, "no such key", "known here: profile, language"),
    ('profile = "mx30"', 'country = "xx"', 1, "country", "xx", "not known", "cn, us"),
    ("[[span]]", "[span]", 3, "span", {"address": "sim:carrier"}, "list of tables", "write [[span]]"),
    ("[[span]]", "[[sip]]", 3, "sip", [{"address": "sim:carrier"}], "table is wanted", "write [sip]"),
    ('address = "sim:carrier"', 'side = "user"', 3, "span[0].address", None, "missing", "allowed: text"),
    ('address = "sim:carrier"', "address = 7", 4, "span[0].address", 7, "not allowed", "text in quotation marks"),
    (
        'address = "sim:carrier"',
        'address = "usb:1"',
        4,
        "span[0].address",
        "usb:1",
        "no address",
        "dahdi:, sim:, tdmoe:",
    ),
    ('"sim:carrier"', '"sim:a"\noverlap = "yes"', 5, "span[0].overlap", "yes", "not allowed", "true or false"),
    (
        '"sim:carrier"',
        '"sim:a"\nkeep_calls_s = -1',
        5,
        "span[0].keep_calls_s",
        -1,
        "not allowed",
        "a number, 0 or more",
    ),
    ('"sim:carrier"', '"sim:a"\n[[span]]\naddress = "sim:b"', 5, "span[1]", None, "no E1 port 2", 'profile = "mx90"'),
    ('number = "1001"', "number = 1001", 7, "extension[0].number", 1001, "not allowed", "in quotation marks"),
    ('number = "1001"', 'number = "10a1"', 7, "extension[0].number", "10a1", "not allowed", "0-9 * # +"),
    ("sip:1001@127.0.0.1:5071", "sip:1001", 8, "extension[0].line", "sip:1001", "no line", "sip:<user>@<host>:<port>"),
    ("127.0.0.1:5071", "h:70000", 8, "extension[0].line", "sip:1001@h:70000", "no line", "sip:<user>@<host>:<port>"),
    ('extension = "1001"', 'extension = "1009"', 12, "agent[0].extension", "1009", "no such extension", "known: 1001"),
    ('extension = "1001"', "", 13, "agent[0].start", "ready", "needs a phone", "signed_out"),
    ('["8001"]', '["8001", "8002"]', 17, "queue[0].agents[1]", "8002", "no such agent", "known: 8001"),
    ('["8001"]', '["8001", "8001"]', 17, "queue[0].agents[1]", "8001", "twice", "only once"),
    ('["8001"]', "8001", 17, "queue[0].agents", 8001, "not allowed", "a list"),
    ('["8001"]', '["8001"]\nring_s = 0', 18, "queue[0].ring_s", 0, "no agent can answer", "above 0"),
    (
        '["8001"]',
        '["8001"]\nstrategy = "skill"',
        18,
        "queue[0].strategy",
        "skill",
        "no skill to choose by",
        "queue.needs",
    ),
    (
        '["8001"]',
        '["8001"]\nneeds = {en = 2}',
        18,
        "queue[0].needs.en",
        2,
        "no agent of the queue has this",
        "agent.skills",
    ),
    ('["8001"]', '["8001"]\nneeds = {en = 10}', 18, "queue[0].needs.en", 10, "not allowed", "from 1 to 9"),
    ('["8001"]', '["8001"]\nmax_length = 0', 18, "queue[0].max_length", 0, "not allowed", "a whole number, 1 or more"),
    ('["8001"]', '["8001"]\n[[queue]]\nname = "sales"', 19, "queue[1].name", "sales", "first in queue[0]", "only once"),
    ("[[span]]", "[sip]\nport = 0\n[[span]]", 4, "sip.port", 0, "not allowed", "a whole number from 1 to 65535"),
    ("[[span]]", "[sip]\nrtp_last = 20099\n[[span]]", 3, "sip.calls", 120, "120 calls need 240 ports", "= 20239"),
    ("[[span]]", "[sip]\nport = 20010\n[[span]]", 4, "sip.port", 20010, "among the ports for sound", "outside"),
    ("[[span]]", '[sip]\nbind = "here"\n[[span]]', 4, "sip.bind", "here", "no IP address", "127.0.0.1"),
    (
        "[[span]]",
        "[sip]\nenabled = false\n[[span]]",
        10,
        "extension[0].line",
        "sip:1001@127.0.0.1:5071",
        "needs SIP",
        "true",
    ),
    ("[[span]]", '[outside]\nline = "pri:x"\n[[span]]', 4, "outside.line", "pri:x", "no span", "known: pri:carrier"),
    (
        "[[span]]",
        '[[outgoing]]\nname = "a"\nvia = ["x"]\n[[span]]',
        5,
        "outgoing[0].via[0]",
        "x",
        "no way outside",
        "pri:",
    ),
    (
        "[[span]]",
        '[[hunt]]\nnumber = "8100"\nextensions = ["7"]\n[[span]]',
        5,
        "hunt[0].extensions[0]",
        "7",
        "no such ext",
        "1001",
    ),
    (
        "[[span]]",
        '[[hunt]]\nnumber = "1001"\n[[span]]',
        4,
        "hunt[0].number",
        "1001",
        "extension[0].number as well",
        "only once",
    ),
    (
        "[[span]]",
        '[codes]\npark = "*72"\n[[span]]',
        4,
        "codes.park",
        "*72",
        "codes.forward_always as well",
        "only once",
    ),
    (
        "[[span]]",
        '[agents]\npause_reasons = [{key = "1", name = "tea"}, {key = "1", name = "rest"}]\n[[span]]',
        4,
        "agents.pause_reasons[1].key",
        "1",
        "key of tea as well",
        "every key only once",
    ),
    (
        "[[span]]",
        '[[outgoing]]\nname = "a"\nvia = []\nhours = "x"\n[[span]]',
        6,
        "outgoing[0].hours",
        "x",
        "no hours",
        "mon-fri",
    ),
    (
        "[[span]]",
        '[[trunk_rule]]\nline = "trunk:x"\n[[span]]',
        4,
        "trunk_rule[0].line",
        "trunk:x",
        "no such trunk",
        "none is",
    ),
    ("[[span]]", '[parking]\nfirst = "7x"\n[[span]]', 4, "parking.first", "7x", "not allowed", "1 to 8 digits"),
    ("[[span]]", '[outside]\nline = "trunk:x"\n[[span]]', 4, "outside.line", "trunk:x", "no such trunk", "none is"),
    ("[[span]]", '[outside]\nline = "x"\n[[span]]', 4, "outside.line", "x", "no trunk group", "pri:<group>"),
]


def refused(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "box.toml")
    return caught.value


def test_a_good_one_is_read() -> None:
    config = parse_config(GOOD, "box.toml")
    assert config.queue[0].agents == ("8001",)
    assert config.sip.port == 5060


def test_an_extension_without_a_line_has_a_phone_that_registers() -> None:
    read = msgspec.convert({"extension": [{"number": "1001"}]}, model.BoxConfig)
    assert read.extension == (model.ExtensionConfig(number="1001", line="phone:1001"),)


def test_an_empty_one_is_a_box_with_defaults() -> None:
    assert parse_config("", "box.toml") == model.BoxConfig()


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: f"{case[3]}:{case[1]}"[:50])
def test_a_mistake_is_named(case: tuple[str, str, int, str, object, str, str]) -> None:
    old, new, line, key, value, message, hint = case
    assert old in GOOD
    found = [each for each in refused(GOOD.replace(old, new, 1)).mistakes if each.key == key]
    assert len(found) == 1
    assert (found[0].line, found[0].value) == (line, value)
    assert message in found[0].message
    assert hint in found[0].hint


def test_all_mistakes_are_told_at_once_in_order_of_their_lines() -> None:
    error = refused('country = 5\nlanguage = "de"\n[recording]\nrule = "some"\nmin_free_mb = "much"\n')
    assert [mistake.key for mistake in error.mistakes] == [
        "country",
        "language",
        "recording.rule",
        "recording.min_free_mb",
    ]
    first = error.message.splitlines()[0]
    assert first == "box.toml:1: country = 5: not allowed here (allowed: text in quotation marks)"
    assert (error.where, error.key, error.value, error.line) == ("box.toml", "country", 5, 1)
    assert "mxbox config check box.toml" in error.hint


def test_a_text_that_is_no_toml_is_refused_with_its_line() -> None:
    error = refused('profile = "mx30"\n[[span\n')
    assert error.line == 2
    assert "is not TOML" in error.message


def test_a_missing_file_and_one_of_another_encoding_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_config(tmp_path / "none.toml")
    (tmp_path / "gb.toml").write_bytes("# 呼叫".encode("gb18030"))
    with pytest.raises(ConfigError, match="not written in UTF-8"):
        load_config(tmp_path / "gb.toml")


def test_a_route_needs_its_flow_on_disk(tmp_path: Path) -> None:
    file = tmp_path / "box.toml"
    file.write_text('[[route]]\ncalled = "*"\nflow = "hotline"\n')
    with pytest.raises(ConfigError, match=r"route\[0\].flow = \"hotline\": there is no file .*flows/hotline.toml"):
        load_config(file)
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/hotline.toml").touch()
    config, paths = load_box(file)
    assert paths.flow(config.route[0].flow) == tmp_path / "flows/hotline.toml"


def test_paths_are_relative_to_the_file_unless_absolute(tmp_path: Path) -> None:
    file = tmp_path / "box.toml"
    file.write_text('[paths]\nstate = "/var/lib/mxbox"\n')
    _config, paths = load_box(file)
    assert paths.store == Path("/var/lib/mxbox/store.db")
    assert paths.control_socket == tmp_path / "run/control.sock"
    assert paths.sounds == paths.state / "sounds"


def test_music_that_is_not_there_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "box.toml"
    file.write_text('[paths]\nsounds = "mine"\n[[queue]]\nname = "a"\nmusic = "waltz"\n')
    (tmp_path / "mine/music").mkdir(parents=True)
    with pytest.raises(ConfigError, match=r"box.toml:5: queue\[0\].music = \"waltz\": there is no such music"):
        load_config(file)
    (tmp_path / "mine/music/waltz.wav").touch()
    load_config(file)


def test_a_mark_that_windows_editors_write_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "box.toml"
    file.write_text('profile = "mx90"\n', encoding="utf-8-sig")
    assert load_config(file).profile == "mx90"


def test_places_that_cannot_work_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "box.toml"
    file.write_text(f'[paths]\nsounds = "mine"\nrun = "{"r" * 120}"\n')
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert [mistake.key for mistake in caught.value.mistakes] == ["paths.sounds", "paths.run"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_good(example: Path) -> None:
    config = load_config(example)
    assert config.profile == {"tester": "mx30"}.get(example.stem, example.stem)
    assert config.queue
    assert config.route


def test_the_examples_flow_is_of_the_flows_shape() -> None:
    text = (HERE / "examples/flows/hotline.toml").read_text()
    flow = msgspec.toml.decode(text, type=Flow)
    assert flow.start in flow.node


def test_the_published_schema_is_the_one_of_the_types() -> None:
    published = json.loads((HERE / "schema.json").read_text())
    assert published == json.loads(json.dumps(schema())), "run: python -m appliance.config.schema"


def test_every_key_can_say_what_it_takes() -> None:
    tables = [each for each in vars(model).values() if isinstance(each, type) and issubclass(each, Config)]
    assert len(tables) > 10
    for table in tables:
        for wanted in typing.get_type_hints(table, include_extras=True).values():
            assert allowed(wanted)
