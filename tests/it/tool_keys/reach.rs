//! Where no request is sent, whoever registers it and whatever a name server says.

use ags_shared::auth::jwks::KeyFetcher;
use ags_shared::config::KeyFetchConfig;
use ags_shared::domain::PublicKeys;
use ags_tests::sources::read;
use ags_tests::{Authority, Event, Names, SCORE, Stack, ToolHost, World};

use super::{NAME, ask, check, on_a_laptop};

/// An address that belongs to nobody: its block was handed back, and no network leads to it. By its form it could be
/// anybody's.
const NOBODY: &str = "3ffe::1";

/// In the cloud, with these ports allowed.
fn in_the_cloud(ports: &[u16]) -> KeyFetchConfig {
    KeyFetchConfig { ports: ports.to_vec(), ..KeyFetchConfig::default() }
}

/// A listener that knows whether anybody connected to it.
struct Trap(std::net::TcpListener);

impl Trap {
    fn new() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    fn is_untouched(&self) -> bool {
        self.0.accept().is_err()
    }
}

/// With the machine's own names. Port 443 is not ours to listen on, so the operator allows that of the trap.
#[tokio::test]
async fn no_spelling_of_this_machine_is_reached() {
    let trap = Trap::new();
    let port = trap.port();
    let world = World::fetching(KeyFetcher::new(in_the_cloud(&[port]))).await;
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "127。0。0。1",
        "%31%32%37.0.0.1",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "ⓛocalhost",
    ] {
        let tool = world.tool_at("tool", &format!("https://{host}:{port}/jwks")).await;
        check(&ask(&world, &tool).await, false, host);
        assert!(trap.is_untouched(), "{host}");
    }
}

#[tokio::test]
async fn a_name_that_means_an_address_that_is_not_public_is_refused_as_a_whole() {
    for answer in [
        &["127.0.0.1"][..],
        &["10.0.0.1"],
        &["169.254.169.254"],
        &["fd00:ec2::254"],
        &["::ffff:127.0.0.1"],
        &[NOBODY, "127.0.0.1"],
        &["127.0.0.1", NOBODY],
        &[],
    ] {
        let trap = Trap::new();
        let names = Names::answering(&[answer]);
        let fetcher = names.fetcher(in_the_cloud(&[trap.port()]), Authority::default().trust());
        let world = World::fetching(fetcher).await;
        let tool = world.tool_at("tool", &format!("https://{NAME}:{}/jwks", trap.port())).await;
        check(&ask(&world, &tool).await, false, &format!("{answer:?}"));
        assert!(trap.is_untouched(), "{answer:?}");
        assert_eq!(names.lookups(), [NAME], "{answer:?}");
    }
}

/// Where this machine is allowed, a private network is not: neither alone nor beside it.
#[tokio::test]
async fn the_switch_for_laptops_opens_this_machine_and_nothing_else() {
    let authority = Authority::default();
    for (answer, accepted) in
        [(&["127.0.0.1"][..], true), (&["127.0.0.1", "10.0.0.1"], false), (&["10.0.0.1", "127.0.0.1"], false)]
    {
        let host = ToolHost::https(&authority, NAME).await;
        let world =
            World::fetching(Names::answering(&[answer]).fetcher(on_a_laptop(), authority.trust())).await;
        let tool = world.tool_at("tool", &format!("https://{NAME}:{}/jwks", host.port())).await;
        host.publishes(&tool.key.jwks(), &[]);
        check(&ask(&world, &tool).await, accepted, &format!("{answer:?}"));
        assert_eq!(host.requests().len(), usize::from(accepted), "{answer:?}");
    }
}

/// The name means a public address when it is checked, and this machine whenever somebody looks again ("DNS rebinding").
#[tokio::test]
async fn what_was_checked_is_what_is_connected_to_for_a_name_is_looked_up_once_for_each_fetch() {
    let trap = Trap::new();
    let names = Names::answering(&[&[NOBODY], &["127.0.0.1"]]);
    let fetcher = names.fetcher(in_the_cloud(&[trap.port()]), Authority::default().trust());
    let world = World::fetching(fetcher).await;
    let tool = world.tool_at("tool", &format!("https://{NAME}:{}/jwks", trap.port())).await;
    check(&ask(&world, &tool).await, false, "nobody is there");
    assert!(trap.is_untouched());
    assert_eq!(names.lookups().len(), 1);
    world.clock.advance(30);
    check(&ask(&world, &tool).await, false, "this machine");
    assert!(trap.is_untouched());
    assert_eq!(names.lookups().len(), 2);
}

#[tokio::test]
async fn only_https_on_port_443_or_one_that_the_operator_allows_is_looked_up() {
    for (url, ports, looked_up) in [
        ("https://tool.example/jwks", &[][..], true),
        ("https://tool.example:443/jwks", &[], true),
        ("https://tool.example:8443/jwks", &[], false),
        ("https://tool.example:8443/jwks", &[8443], true),
        ("https://tool.example:8443/jwks", &[9443, 8443], true),
        ("https://tool.example:25/jwks", &[8443], false),
        ("https://tool.example:0/jwks", &[8443], false),
        ("http://tool.example/jwks", &[], false),
        ("http://tool.example/jwks", &[80], false),
        ("http://tool.example:443/jwks", &[], false),
    ] {
        let names = Names::answering(&[&["10.0.0.1"]]);
        let world = World::fetching(names.fetcher(in_the_cloud(ports), Authority::default().trust())).await;
        let tool = world.tool_at("tool", url).await;
        check(&ask(&world, &tool).await, false, url);
        assert_eq!(names.lookups().len(), usize::from(looked_up), "{url} {ports:?}");
    }
}

/// With the switch for laptops, and without it: the same host, the same address.
#[tokio::test]
async fn plain_http_is_for_laptops_and_for_this_machine_alone() {
    for (config, name, accepted) in [
        (on_a_laptop(), "127.0.0.1", true),
        (on_a_laptop(), "tool.example", true),
        (KeyFetchConfig::default(), "127.0.0.1", false),
    ] {
        let host = ToolHost::http().await;
        let names = Names::answering(&[&["127.0.0.1"]]);
        let world = World::fetching(names.fetcher(config, Authority::default().trust())).await;
        let tool = world.tool_at("tool", &format!("http://{name}:{}/jwks", host.port())).await;
        host.publishes(&tool.key.jwks(), &[]);
        check(&ask(&world, &tool).await, accepted, name);
        assert_eq!(host.requests().len(), usize::from(accepted), "{name}");
    }
    // Nobody answers elsewhere, allowed or not; so the reason tells.
    let fetcher = Names::answering(&[&[NOBODY]]).fetcher(on_a_laptop(), Authority::default().trust());
    for elsewhere in ["http://tool.example/jwks", "http://[3ffe::1]/jwks"] {
        let refused = fetcher.fetch(&elsewhere.parse().unwrap()).await.unwrap_err().to_string();
        assert!(refused.contains("3ffe::1 is not"), "{elsewhere}: {refused}");
    }
}

/// The built function, with the variables that an operator sets, and proxies that are not for it.
#[tokio::test]
async fn the_function_takes_its_policy_from_the_environment_and_logs_why_a_set_cannot_be_fetched() {
    let stack = Stack::new().await;
    let host = ToolHost::http().await;
    let tool = stack.tool("tool").await;
    let url = format!("http://127.0.0.1:{}/jwks", host.port());
    host.publishes(&tool.key.jwks(), &[]);
    let proxy = Trap::new();
    let nobody = format!("http://127.0.0.1:{}", proxy.port());
    let mut environment = stack.environment("token");
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        environment.insert(name.to_owned(), nobody.clone());
    }
    for (switch, accepted) in [("false", false), ("true", true)] {
        // Another address for each, so that nothing is known of it.
        let at = format!("{url}?{switch}").parse().unwrap();
        stack.register(&tool, |tool| tool.keys = PublicKeys::Url(at)).await;
        environment.insert("AGS_JWKS_ALLOW_LOOPBACK".to_owned(), switch.to_owned());
        let mut function = ags_tests::Function::start("token", &environment).await;
        let assertion = tool.assertion(&stack.token_url(), stack.services.now().unix_seconds()).sign();
        let answer = function.answer(&Event::token(&stack.token_url(), &assertion, SCORE)).await;
        assert_eq!(answer.status == 200, accepted, "{}", answer.text);
        assert_eq!(host.requests().len(), usize::from(accepted));
        if !accepted {
            let said = function.said();
            assert!(said.contains("127.0.0.1") && said.contains("the URL is not https"), "{said}");
            assert!(!said.contains(&assertion) && !said.contains("/jwks"), "{said}");
        }
    }
    assert!(proxy.is_untouched());
}

#[test]
fn the_template_of_the_cloud_never_opens_loopback() {
    assert!(!read("infra/template.yaml").contains("AGS_JWKS_ALLOW_LOOPBACK"));
}
