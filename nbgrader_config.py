"""nbgrader's settings: stock nbgrader commands work on this folder with them."""

from onsite.build.nbgrader_settings import apply

apply(get_config())  # noqa: F821 (traitlets puts get_config here)
