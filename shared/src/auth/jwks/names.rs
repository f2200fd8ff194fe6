//! Lookups of names that bring nothing but addresses that may be asked.
//!
//! The HTTP client connects to the addresses that it gets from here and looks no name up by itself. So what was checked
//! is what is connected to, and a name that means something else a moment later ("DNS rebinding") gains nothing.

use std::net::IpAddr;

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError, SharedDnsResolver};

use super::address::is_public;

/// Why an address is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is plain http.
    #[error("the URL is not https")]
    Plain,
    /// It names a port that the operator does not allow.
    #[error("port {0} is not allowed")]
    Port(u16),
    /// It is, or its name means, an address that is not public.
    #[error("{0} is not a public address")]
    Address(IpAddr),
    /// Its name means nothing.
    #[error("the name has no address")]
    NoAddress,
}

/// Which addresses may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Those of the internet.
    Public,
    /// Those and this machine: for laptops.
    PublicOrLoopback,
    /// This machine alone: for laptops, without TLS.
    Loopback,
}

impl Reach {
    pub(super) fn check(self, address: IpAddr) -> Result<(), Refused> {
        let allowed = match self {
            Self::Public => is_public(address),
            Self::PublicOrLoopback => is_public(address) || address.is_loopback(),
            Self::Loopback => address.is_loopback(),
        };
        if allowed { Ok(()) } else { Err(Refused::Address(address)) }
    }
}

/// Looks names up, and refuses a name as a whole if any of its addresses is out of reach: no honest name has such.
#[derive(Debug, Clone)]
pub(super) struct CheckedNames {
    pub(super) names: SharedDnsResolver,
    pub(super) reach: Reach,
}

impl ResolveDns for CheckedNames {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let addresses = self.names.resolve_dns(name).await?;
            if addresses.is_empty() {
                return Err(ResolveDnsError::new(Refused::NoAddress));
            }
            for address in &addresses {
                self.reach.check(*address).map_err(ResolveDnsError::new)?;
            }
            Ok(addresses)
        })
    }
}
