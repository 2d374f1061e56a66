"""The weekly report: static pages that work offline, in print, on a phone, in Chinese and English."""

from pipelines.report.assets import write_shared_assets
from pipelines.report.facts import ReportError
from pipelines.report.site import build_site
from pipelines.report.weeks import write_week_list

__all__ = ["ReportError", "build_site", "write_shared_assets", "write_week_list"]
