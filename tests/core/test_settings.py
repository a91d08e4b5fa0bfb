"""Settings say what is wrong, where it stands and what to do about it."""

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from core.errors import SettingsError
from core.settings import Settings, load_settings, variable_of


def test_without_any_source_every_setting_has_its_default() -> None:
    assert load_settings({}) == Settings()


def test_settings_cannot_be_changed_after_start() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().tenant = "other"  # type: ignore[misc]


def test_the_file_sets_and_the_environment_wins(file: Path) -> None:
    file.write_text(
        'tenant = "filed"\n[limits]\npending = 7\n[directory]\nroles = { it_administrator = ["it"] }'
    )
    settings = load_settings({"CHANCERY_TENANT": "said", "CHANCERY_FILE": str(file)})
    assert (settings.tenant, settings.pending_limit) == ("said", 7)
    assert settings.directory_roles == {"it_administrator": ("it",)}


def test_every_setting_can_come_from_the_environment() -> None:
    environ = {
        variable_of("limits.per_person"): "2.5",
        variable_of("ldap.start_tls"): "true",
        variable_of("elasticsearch.urls"): "https://a:9200, https://b:9200",
        variable_of("ldap.attributes"): '["departmentNumber", "employeeType"]',
        variable_of("directory.roles"): '{ it_administrator = ["it", "ops"] }',
        variable_of("keys"): "/etc/keys",
    }
    settings = load_settings(environ)
    assert settings.rate_per_person == 2.5
    assert settings.ldap_start_tls is True
    assert settings.elasticsearch_urls == ("https://a:9200", "https://b:9200")
    assert settings.ldap_attributes == ("departmentNumber", "employeeType")
    assert settings.directory_roles == {"it_administrator": ("it", "ops")}
    assert settings.keys_dir == Path("/etc/keys")


@pytest.mark.parametrize(
    ("environ", "toml", "says"),
    [
        ({"CHANCERY_TENANTS": "x"}, "", "CHANCERY_TENANTS in the environment is no setting. Remove it"),
        ({}, "tenants = 'x'", "tenants in {file} is no setting. Remove it"),
        ({}, "[limits]\nfoo = 1", "limits.foo in {file} is no setting"),
        ({"CHANCERY_LIMITS_PENDING": "many"}, "", "limits.pending from CHANCERY_LIMITS_PENDING"),
        ({}, "[limits]\npending = true", "limits.pending from {file} must be a whole number; it is True"),
        ({"CHANCERY_LDAP_START_TLS": "yes"}, "", "must be true or false; it is 'yes'"),
        ({}, "tenant = 3", "tenant from {file} must be text; it is 3"),
        ({}, "tenant = ", "{file} is not valid TOML"),
        ({"CHANCERY_ELASTICSEARCH_URLS": "[https://a"}, "", "must be a list of texts"),
        ({"CHANCERY_DIRECTORY_KIND": "nis"}, "", "it can be 'builtin' or 'ldap'"),
        ({"CHANCERY_CHAT_URL": "chat.acme.example"}, "", "chat.url is 'chat.acme.example'; it must be an"),
        ({"CHANCERY_DESK_URL": "https://desk:port"}, "", "desk.url is 'https://desk:port'"),
        ({"CHANCERY_CHAT_LISTEN": "8080"}, "", "chat.listen is '8080'; it must be `host:port`"),
        ({"CHANCERY_REALTIME_LISTEN": "::1:99999"}, "", "realtime.listen is '::1:99999'"),
        ({"CHANCERY_DIRECTORY_KIND": "ldap"}, "", "ldap.uris is not set. Name at least one server"),
        ({"CHANCERY_LDAP_BIND_DN": "cn=x"}, "", "Set CHANCERY_LDAP_BIND_PASSWORD"),
        ({"CHANCERY_SEARCH_ENGINE": "elasticsearch"}, "", "Name at least one node"),
        ({"CHANCERY_DESK_URL": "http://127.0.0.1:9"}, "", "give the desk a host name of its own"),
    ],
)
def test_what_is_wrong_is_refused_with_key_source_and_remedy(
    file: Path, environ: dict[str, str], toml: str, says: str
) -> None:
    file.write_text(toml)
    with pytest.raises(SettingsError) as refused:
        load_settings({**environ, "CHANCERY_FILE": str(file)})
    assert says.format(file=file) in refused.value.message


def test_a_named_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="which does not exist"):
        load_settings({"CHANCERY_FILE": str(tmp_path / "none.toml")})


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    printed = repr(Settings(ldap_bind_password="hunter22", elasticsearch_api_key="abc123"))
    assert "hunter22" not in printed
    assert "abc123" not in printed


def test_each_setting_says_what_it_does_and_shows_another_value_than_its_default() -> None:
    keys = [field.metadata["key"] for field in fields(Settings)]
    assert len(keys) == len(set(keys))
    for field in fields(Settings):
        assert field.metadata["effect"].endswith("."), field.name
        assert field.metadata["example"] != str(field.metadata["default"]), field.name


def test_a_secret_can_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    secret = tmp_path / "bind-password"
    secret.write_text("of the service account\n")
    named = variable_of("ldap.bind_password") + "_FILE"
    assert load_settings({named: str(secret)}).ldap_bind_password == "of the service account"
    for refused in (
        {named: str(secret), variable_of("ldap.bind_password"): "another"},
        {named: str(tmp_path / "absent")},
        {variable_of("tenant") + "_FILE": str(secret)},
    ):
        with pytest.raises(SettingsError):
            load_settings(refused)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "chancery.toml"
