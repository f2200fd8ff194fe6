//! Bodies that are broken as a whole.

use super::{Target, good_body};

#[tokio::test]
async fn no_body_makes_a_500() {
    let target = Target::new().await;
    let good = good_body();
    let mut bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "null",
        "[]",
        "7",
        "\"a\"",
        "{",
        "}",
        "{}",
        "{}{}",
        "{\"\":1}",
        "{\"a\"}",
        "{1:2}",
        "{\"\\ud800\":1}",
        "{'label':'a'}",
        "{\"label\":\"a\",}",
        "//\n{}",
        "\0",
        "\u{feff}{}",
        "<xml/>",
        "label=a&scoreMaximum=1",
    ]
    .map(|body| body.as_bytes().to_vec())
    .into();
    bodies.extend([
        format!("\u{feff}{good}").into_bytes(),
        format!("{good}\0").into_bytes(),
        good.replacen('{', "{\"userId\":\"x\",", 1).into_bytes(),
        good.replacen('{', "{\"\\u006cabel\":\"x\",", 1).into_bytes(),
        good.replace("https://tool.example/x", "https://tool.example/\\u0000").into_bytes(),
        good.replace("https://tool.example/x", "https://").into_bytes(),
        good.replace("\"Essay\"", "\"\u{1}\"").into_bytes(),
        [b"{\"label\":\"\xff\xfe\",", &good.as_bytes()[1..]].concat(),
        [b"{\"x\":\"\xed\xa0\x80\",", &good.as_bytes()[1..]].concat(),
        [b"{\"\xc3\":1,", &good.as_bytes()[1..]].concat(),
        b"[".repeat(262_144),
        b"{\"a\":".repeat(50_000),
        vec![0; 262_144],
        vec![b' '; 262_145],
        good.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ]);
    let many: Vec<_> = (0..15_000).map(|number| format!("\"m{number}\":{number},")).collect();
    let urls: Vec<_> = (0..8_000).map(|number| format!("\"http://x/{number}\":1,")).collect();
    bodies.push(format!("{{{}{}", many.concat(), &good[1..]).into_bytes());
    bodies.push(format!("{{{}{}", urls.concat(), &good[1..]).into_bytes());
    for body in bodies {
        for (method, path) in &target.paths {
            target.send(method, path.as_bytes(), b"content-type: application/json\r\n", &body).await;
        }
    }
    target.still_reads().await;
}
