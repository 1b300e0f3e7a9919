"""Sphinx settings of the site. Nothing is fetched, neither here nor by a reader's browser."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import osteoteach
from tools.site.model_numbers import substitutions

project = "osteoteach"
author = "The osteoteach maintainers"
copyright = "The osteoteach maintainers. Text CC BY 4.0, code BSD 3-Clause"
version = release = osteoteach.__version__
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["substitution"]
myst_substitutions = substitutions()
myst_heading_anchors = 3

# Lessons come with their outputs; live widgets became pictures, so no script is needed.
nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_code_prompt_show = "Show the result"
nb_code_prompt_hide = "Hide the result"

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = "osteoteach"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["scrolling.js"]
html_favicon = "static/icon.svg"
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"top_of_page_buttons": []}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
