"""The first page, as a browser sees it."""

import subprocess
import unittest

from lookout_e2e import Lookout, Scenario, ScriptedService, free_port

PNG = b"\x89PNG\r\n"


class PageTest(Scenario):
    def browse(self, url, *flags):
        return subprocess.run([
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            f"--user-data-dir={self.folder}/browser", "--window-size=1280,900", *flags, url],
            check=True, capture_output=True, text=True, timeout=60).stdout

    def test_it_shows_the_targets(self):
        service = ScriptedService(self)
        watcher = Lookout(self, f"""
target_defaults: {{interval: 1s, timeout: 500ms, failure_threshold: 1, success_threshold: 1}}
targets:
  - {{name: shop-window, address: "{service.url}"}}
  - {{name: back-door, address: "http://127.0.0.1:{free_port()}/"}}
  - {{name: markup, address: "{service.url}?<script>document.title='taken'</script>"}}
""")
        watcher.wait_for_value(1, 10, "lookout_target_up", target="shop-window")
        watcher.wait_for_value(0, 10, "lookout_target_up", target="back-door")
        page = self.browse(watcher.url + "/", "--dump-dom")
        for text in ("shop-window", "back-door", "refused", service.url):
            self.assertIn(text, page)
        self.assertNotIn("<title>taken", page)

        picture = self.folder / "page.png"
        self.browse(watcher.url + "/", f"--screenshot={picture}")
        content = picture.read_bytes()
        self.assertTrue(content.startswith(PNG))
        self.assertGreater(len(content), 8000, "more than an empty page")


if __name__ == "__main__":
    unittest.main()
