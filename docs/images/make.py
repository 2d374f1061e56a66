"""Take the pictures of the README from the report of data/sample: `python docs/images/make.py`.

Builds the sample's report in a temporary folder, opens it in an installed Chromium, Chrome or Edge and writes
`overview` and `groups` in both languages, light and dark, beside this file. `--site` names a built week to
take them from instead. Needs the development dependencies; exits with a line where no browser is installed.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "chrome",
)
WIDTH = 1200
# Page -> first element to show and height in pixels.
PICTURES = {"overview": ("index.html", "header", 690), "groups": ("groups.html", "#league", 520)}


def build(home: Path) -> Path:
    """Build the sample's report in `home`; return the week's folder. Raises CalledProcessError."""
    inbox, settings = ROOT / "data" / "sample", ROOT / "groupfunnel.toml"
    command = ["-m", "pipelines", "run", "--inbox", inbox, "--settings", settings, "--home", home, "--quiet"]
    subprocess.run([sys.executable, *map(str, command)], cwd=ROOT, check=True)
    return home / "reports" / "latest"


def take(site: Path, browser: str) -> list[Path]:
    """Write every picture of the week in `site`; return their paths."""
    from playwright.sync_api import sync_playwright

    written = []
    with sync_playwright() as engine:
        running = engine.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = running.new_page(viewport={"width": WIDTH, "height": 1200})
        for name, (file, first, height) in PICTURES.items():
            for language in ("en", "zh"):
                for theme in ("light", "dark"):
                    page.goto((site / file).resolve().as_uri() + f"?lang={language}&theme={theme}")
                    top = page.locator(first).first.bounding_box() or {"y": 0}
                    path = HERE / f"{name}-{language}-{theme}.png"
                    clip = {"x": 0, "y": max(top["y"] - 16, 0), "width": WIDTH, "height": height}
                    page.add_style_tag(content=".top { position: static !important; }")
                    page.screenshot(path=path, clip=clip, full_page=True)
                    written.append(path)
        running.close()
    return written


def main() -> None:
    """Read the command line, build where no week is named, take the pictures and name them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--site", type=Path, help="folder of a built week, such as reports/latest")
    site: Path | None = parser.parse_args().site
    browser = next((path for name in BROWSERS if (path := shutil.which(name)) is not None), None)
    if browser is None:
        sys.exit("No Chromium, Chrome or Edge on the search path: install one to take pictures.")
    with tempfile.TemporaryDirectory() as folder:
        for path in take(site or build(Path(folder)), browser):
            print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
