"""Who may enter: users that Airflow keeps itself. LDAP or single sign-on would be set up here."""

from flask_appbuilder.const import AUTH_DB

AUTH_TYPE = AUTH_DB
BABEL_DEFAULT_LOCALE = "zh"
LANGUAGES = {"zh": {"flag": "cn", "name": "中文"}}
