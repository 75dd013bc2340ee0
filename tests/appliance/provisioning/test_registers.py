# SPDX-License-Identifier: GPL-2.0-or-later
"""With its fetched settings a telephone registers at the real kamailio; its former settings no longer work."""

import http.client
import ssl
import threading
from pathlib import Path

from appliance.config.load import load_box
from appliance.edge.values import edge_paths
from appliance.phones.book import PhoneBook
from appliance.provisioning.fetch import address
from appliance.provisioning.main import make_server
from hw_sim.baresip import free_port
from tests.appliance.edge.rig import End, password, running
from tests.appliance.provisioning.test_makers import read_yealink

MORE = """\
---
[provisioning]
enabled = true
host = "127.0.0.1"
port = {port}
[[extension]]
number = "1001"
line = "phone:1001"
"""


def fetch(file: Path) -> dict[str, str]:
    """Serve the settings of 1001 once and fetch them as a Yealink does."""
    config, paths = load_box(file)
    with PhoneBook(paths.state / "edge.db") as book:
        where = address(config, book.invite("1001", "yealink", "001565aabbcc", 1), "yealink", "001565aabbcc")
    trust = ssl.create_default_context(cafile=str(edge_paths(config, paths).certificate))
    with make_server(file, config, paths) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            line = http.client.HTTPSConnection("127.0.0.1", config.provisioning.port, timeout=10, context=trust)
            line.request("GET", "/" + where.split("/", 3)[3])
            text = line.getresponse().read().decode()
            line.close()
        finally:
            server.shutdown()
            thread.join()
    return read_yealink(text)


def test_a_telephone_registers_with_what_it_fetched(tmp_path: Path) -> None:
    with running(tmp_path, MORE.format(port=free_port())) as edge, End(edge) as phone:
        assert phone.register().status == 200
        values = fetch(tmp_path / "box.toml")
        assert values["sip_server.1.port"] == str(edge.port)
        phone.secret = password("1001")
        assert phone.register().status == 401
        phone.secret = values["password"]
        assert phone.register().status == 200
