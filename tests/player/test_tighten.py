"""The code that is sent: small, and unchanged in what it says."""

import pytest

from onsite.player import assets
from onsite.player.tighten import tight_css, tight_js


def test_the_player_stays_small():
    size = len(assets.module().encode()) + len(assets.stylesheet().encode())
    assert size < 60_000, f"module and stylesheet are {size:,} bytes together"


@pytest.mark.parametrize(
    ("code", "tight"),
    [
        ("/** Says why. */\nconst a = 1;\n", "let a=1;"),
        ("// Says why.\nconst a = 1; // so\n", "let a=1;"),
        ('const a = "const  b = { c }; // d";\n', 'let a="const  b = { c }; // d";'),
        ("const a = `${b} = ${ c }`;\n", "let a=`${b} = ${ c }`;"),
        ("a.replace(/ = \\/ [/ ]+/g, b);\n", "a.replace(/ = \\/ [/ ]+/g,b);"),
        ("const a = b - -c + +d;\n", "let a=b - -c + +d;"),
        ("const f = (a) => {\n  return a;\n};\n", "let f=a=>{return a};"),
        ("const f = async (a) => a;\n", "let f=async(a)=>a;"),
        ("let a = b\nlet c = d\n", "let a=b\nlet c=d\n"),
        ("for (let a = 0; a < b;) {\n  c();\n}\nd();\n", "for(let a=0;a<b;){c()}\nd();"),
    ],
)
def test_code_is_tightened_and_says_the_same(code, tight):
    assert tight_js(code) == tight


@pytest.mark.parametrize(
    ("code", "tight"),
    [
        ("/* Why. */\na {\n  b: 0.5rem 1rem;\n  c: d;\n}\n", "a{b:.5rem 1rem;c:d}\n"),
        ('a::before { content: "x: { 0.5; }" / ""; }\n', 'a::before{content: "x: { 0.5; }" / ""}\n'),
        ("a { margin: 0 0.5em -0.5em; }\n", "a{margin:0 .5em -0.5em}\n"),
        ("a :focus,\na:hover { b: c }\n", "a :focus,a:hover{b:c}\n"),
        (".a { .b :has(:checked) { c: calc(1px - 2px) } }\n", ".a{.b :has(:checked){c:calc(1px - 2px)}}\n"),
    ],
)
def test_a_stylesheet_is_tightened_and_says_the_same(code, tight):
    assert tight_css(code) == tight
