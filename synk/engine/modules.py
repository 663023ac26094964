"""Which package gives a Python module, and what a mistyped one was meant to be."""

import difflib
import sys
from collections.abc import Iterable
from pathlib import Path

PACKAGES = {
    "Crypto": "pycryptodome", "Cryptodome": "pycryptodomex", "IPython": "ipython", "Levenshtein": "python-Levenshtein",
    "MySQLdb": "mysqlclient", "OpenGL": "PyOpenGL", "OpenSSL": "pyOpenSSL", "PIL": "Pillow", "Xlib": "python-xlib",
    "airflow": "apache-airflow", "attr": "attrs", "barcode": "python-barcode", "bs4": "beautifulsoup4", "cairo": "pycairo",
    "corsheaders": "django-cors-headers", "cv": "opencv-python", "cv2": "opencv-python", "dateutil": "python-dateutil",
    "discord": "discord.py", "django_filters": "django-filter", "dns": "dnspython", "docx": "python-docx",
    "dotenv": "python-dotenv", "elasticsearch_dsl": "elasticsearch-dsl", "engineio": "python-engineio",
    "environ": "django-environ", "faiss": "faiss-cpu", "fitz": "PyMuPDF", "flask_cors": "flask-cors",
    "flask_login": "Flask-Login", "flask_migrate": "Flask-Migrate", "flask_sqlalchemy": "Flask-SQLAlchemy",
    "gi": "PyGObject", "git": "GitPython", "github": "PyGithub", "gitlab": "python-gitlab",
    "google.cloud.bigquery": "google-cloud-bigquery", "google.cloud.storage": "google-cloud-storage",
    "google.genai": "google-genai", "google.generativeai": "google-generativeai", "google.protobuf": "protobuf",
    "googleapiclient": "google-api-python-client", "grpc": "grpcio", "grpc_tools": "grpcio-tools", "haystack": "haystack-ai",
    "jose": "python-jose", "jwt": "PyJWT", "kafka": "kafka-python", "keycloak": "python-keycloak", "ldap": "python-ldap",
    "llama_index": "llama-index", "magic": "python-magic", "markdown": "Markdown", "memcache": "python-memcached",
    "mpl_toolkits": "matplotlib", "multipart": "python-multipart", "nacl": "PyNaCl", "nmap": "python-nmap", "odf": "odfpy",
    "osgeo": "GDAL", "pkg_resources": "setuptools", "pptx": "python-pptx", "psycopg2": "psycopg2-binary",
    "pylab": "matplotlib", "pythoncom": "pywin32", "pywt": "PyWavelets", "rest_framework": "djangorestframework",
    "ruamel": "ruamel.yaml", "sentence_transformers": "sentence-transformers", "serial": "pyserial",
    "sklearn": "scikit-learn", "skimage": "scikit-image", "slugify": "python-slugify", "snappy": "python-snappy",
    "socketio": "python-socketio", "socks": "PySocks", "speech_recognition": "SpeechRecognition", "sqlalchemy": "SQLAlchemy",
    "tabula": "tabula-py", "telegram": "python-telegram-bot", "telebot": "pyTelegramBotAPI", "usb": "pyusb",
    "websocket": "websocket-client", "werkzeug": "Werkzeug", "win32api": "pywin32", "win32com": "pywin32", "wx": "wxPython",
    "xdist": "pytest-xdist", "yaml": "PyYAML", "zmq": "pyzmq", "zope": "zope.interface", "distutils": "setuptools",
}  # fmt: skip
"""Where the names differ; else the package is called like the module, with hyphens."""

SYSTEM_PACKAGES = {
    "tkinter": "python3-tk", "_tkinter": "python3-tk", "apt": "python3-apt", "apt_pkg": "python3-apt",
    "ensurepip": "python3-venv",
}  # fmt: skip
"""Not from the package index."""

WELL_KNOWN = (
    "aiohttp", "anthropic", "asyncpg", "attrs", "black", "boto3", "botocore", "bs4", "celery", "click", "cryptography",
    "cv2", "cython", "dask", "django", "dotenv", "fastapi", "flask", "gensim", "gunicorn", "httpx", "hypothesis", "jinja2",
    "joblib", "jsonschema", "keras", "langchain", "lightgbm", "lxml", "matplotlib", "mypy", "networkx", "nltk", "numba",
    "numpy", "openai", "openpyxl", "pandas", "paramiko", "pillow", "playwright", "plotly", "polars", "psutil", "psycopg2",
    "pyarrow", "pydantic", "pygame", "pymongo", "pyspark", "pytest", "redis", "regex", "requests", "rich", "ruff", "scikit",
    "scipy", "scrapy", "seaborn", "selenium", "setuptools", "shapely", "sklearn", "spacy", "sqlalchemy", "starlette",
    "statsmodels", "streamlit", "sympy", "tensorflow", "termcolor", "toml", "tomlkit", "torch", "torchvision", "tornado",
    "tqdm", "transformers", "typer", "typing_extensions", "ujson", "urllib3", "uvicorn", "uvloop", "websockets", "werkzeug",
    "wheel", "xgboost", "yaml",
)  # fmt: skip


def package_of(module: str) -> str:
    """The package to install for `module` (dotted or not)."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        if found := PACKAGES.get(".".join(parts[:length])):
            return found
    return parts[0].replace("_", "-")


def nearest(name: str, candidates: Iterable[str], *, cutoff: float = 0.75) -> str | None:
    """The candidate most like `name`; None if none is much like it."""
    others = [candidate for candidate in candidates if candidate != name]
    return next(iter(difflib.get_close_matches(name, others, 1, cutoff)), None)


def nearest_module(module: str) -> str | None:
    """What `module` was probably meant to be: of the standard library and well known packages."""
    top = module.partition(".")[0]
    if top in WELL_KNOWN or top in PACKAGES:
        return None
    # What people import often first: `nunpy` is as near to runpy as to numpy.
    return nearest(top, WELL_KNOWN, cutoff=0.8) or nearest(top, sys.stdlib_module_names, cutoff=0.8)


def hides(folder: Path, module: str) -> Path | None:
    """The file or package of `folder` that Python finds in place of an installed `module`."""
    for path in (folder / f"{module}.py", folder / module / "__init__.py"):
        if path.is_file():
            return path
    return None


def environment_with(module: str, folders: Iterable[Path]) -> Path | None:
    """The first virtual environment among `folders` in which `module` is installed."""
    top = module.partition(".")[0]
    for folder in folders:
        for packages in folder.glob("lib/python3*/site-packages"):
            if (packages / top).is_dir() or (packages / f"{top}.py").is_file():
                return folder
    return None
