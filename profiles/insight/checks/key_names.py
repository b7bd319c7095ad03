"""Keys that no AWS client knows: misspelt ones, which do nothing, above all.

Sources: botocore 1.43, `configprovider.BOTOCORE_DEFAUT_SESSION_VARIABLES` and `credentials.py`;
AWS CLI v2, "Configuration and credential file settings". A test holds the list against botocore.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from profiles.files.reader import read_aws_files
from profiles.insight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from profiles.files.section import Section
    from profiles.machine import Machine

CREDENTIALS = frozenset(
    {
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "aws_security_token",
        "aws_account_id",
        "aws_credential_scope",
        "role_arn",
        "role_session_name",
        "source_profile",
        "credential_source",
        "external_id",
        "mfa_serial",
        "duration_seconds",
        "web_identity_token_file",
        "credential_process",
        "sso_session",
        "sso_start_url",
        "sso_region",
        "sso_account_id",
        "sso_role_name",
        "login_session",
    }
)
CLIENTS = frozenset(
    {
        "region",
        "output",
        "services",
        "endpoint_url",
        "ca_bundle",
        "data_path",
        "api_versions",
        "metadata_service_timeout",
        "metadata_service_num_attempts",
        "ec2_metadata_service_endpoint",
        "ec2_metadata_service_endpoint_mode",
        "ec2_metadata_v1_disabled",
        "imds_use_ipv6",
        "use_dualstack_endpoint",
        "use_fips_endpoint",
        "ignore_configured_endpoint_urls",
        "parameter_validation",
        "csm_enabled",
        "csm_host",
        "csm_port",
        "csm_client_id",
        "endpoint_discovery_enabled",
        "sts_regional_endpoints",
        "retry_mode",
        "defaults_mode",
        "max_attempts",
        "sdk_ua_app_id",
        "request_min_compression_size_bytes",
        "disable_request_compression",
        "sigv4a_signing_region_set",
        "request_checksum_calculation",
        "response_checksum_validation",
        "account_id_endpoint_mode",
        "disable_host_prefix_injection",
        "auth_scheme_preference",
        "tcp_keepalive",
        "s3",
        "s3_use_arn_region",
        "s3_us_east_1_regional_endpoint",
        "s3_disable_express_session_auth",
        "s3_disable_multiregion_access_points",
        "cli_auto_prompt",
        "cli_binary_format",
        "cli_error_format",
        "cli_follow_urlparam",
        "cli_help_output",
        "cli_history",
        "cli_pager",
        "cli_timestamp_format",
        "plugins",
        "preview",
    }
)
SSO_SESSION = frozenset({"sso_start_url", "sso_region", "sso_registration_scopes"})
# Keys of other switchers, which AWS clients pass over: aws-vault, awsume, granted, saml2aws, Leapp.
_OF_OTHERS = frozenset(
    {
        "include_profile",
        "mfa_process",
        "parent_profile",
        "session_tags",
        "transitive_session_tags",
        "source_identity",
        "color",
        "role_duration",
        "manager",
        "autoawsume",
        "awsumepy_command",
        "expiration",
        "aws_expiration",
        "aws_session_expiration",
        "aws_credential_expiration",
        "principal_arn",
        "sso_auto_populated",
        "sso_registration_scopes",
    }
)
_PREFIXES_OF_OTHERS = ("x_", "granted_", "azure_", "okta_", "awsume_", "saml_", "leapp_", "vault_")
_NEAR = 0.8


def check(machine: Machine) -> Iterator[Finding]:
    """Look at the keys of every section of both files."""
    files = read_aws_files(machine)
    for sections in (files.config, files.credentials):
        for section in sections:
            if section.kind == "profile":
                yield from _unknown(section, CREDENTIALS | CLIENTS)
    for section in files.sso_sessions.values():
        yield from _unknown(section, SSO_SESSION)


def _unknown(section: Section, known: Collection[str]) -> Iterator[Finding]:
    for key in section.own_settings:
        if key in known or key in _OF_OTHERS or key.startswith(_PREFIXES_OF_OTHERS):
            continue
        where = f"{section.path} [{section.header}]"
        near = difflib.get_close_matches(key, known, n=1, cutoff=_NEAR)
        if near:
            yield Finding("misspelt-key", where, f"no AWS client knows {key}", f"call it {near[0]}")
        else:
            yield Finding(
                "unknown-key",
                where,
                f"no AWS client knows {key}",
                "take it out, if it is not another program's",
                broken=False,
            )
