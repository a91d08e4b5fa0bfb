"""People from an LDAP directory; the only package that knows ldap3."""

from core.identity.ldap.config import LdapSettings, ldap_settings_from
from core.identity.ldap.directory import LdapDirectory, Seen

__all__ = ["LdapDirectory", "LdapSettings", "Seen", "ldap_settings_from"]
