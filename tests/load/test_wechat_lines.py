"""System lines of WeChat and QQ: who came, by whom, who left."""

from __future__ import annotations

import pytest

from pipelines.readers.wechat_lines import change_of

LINES = [
    ('"小红"邀请"小明"加入了群聊', "join", ["小明"], "小红", "direct"),
    ('你邀请"小明"加入了群聊', "join", ["小明"], "你", "direct"),
    ('"小明"通过扫描"小红"分享的二维码加入群聊', "join", ["小明"], "小红", "qr"),
    ('"小明"通过扫描你分享的二维码加入群聊  $revoke$', "join", ["小明"], "你", "qr"),
    ('"小红"邀请你和"小明、阿强"加入了群聊', "join", ["你", "小明", "阿强"], "小红", "direct"),
    ('"小红"邀请"小明"、"阿强"加入了群聊', "join", ["小明", "阿强"], "小红", "direct"),
    ('"小红"邀请"小明、阿强、Bo"加入了群聊', "join", ["小明", "阿强", "Bo"], "小红", "direct"),
    ('"小红"邀请你加入了群聊，群聊参与人还有：小明、阿强', "join", ["你"], "小红", "direct"),
    ('"小"红"邀请"小"明"加入了群聊', "join", ['小"明'], '小"红', "direct"),
    ('"小红"邀请"爱吃、会做"加入了群聊', "join", ["爱吃、会做"], "小红", "direct"),
    ("“小红”邀请“小明”加入了群聊", "join", ["小明"], "小红", "direct"),
    ('你将"小明"移出了群聊', "kick", ["小明"], "你", None),
    ('"小红"将"小明"移出了群聊', "kick", ["小明"], "小红", None),
    ('你被"小红"移出群聊', "kick", ["你"], "小红", None),
    ('"小明"退出了群聊', "leave", ["小明"], None, None),
    ('"Ann" invited "Bo" to the group chat', "join", ["Bo"], "Ann", "direct"),
    ('"Bo" joined the group chat via the QR code shared by "Ann"', "join", ["Bo"], "Ann", "qr"),
    ('You invited "Bo" to the group chat', "join", ["Bo"], "You", "direct"),
    ('You removed "Bo" from the group chat', "kick", ["Bo"], "You", None),
    ('"Bo" left the group chat', "leave", ["Bo"], None, None),
    ("小红邀请小明加入了本群。", "join", ["小明"], "小红", "direct"),
    ("小明加入本群。", "join", ["小明"], None, None),
    ("小明(12345678)退出了本群。", "leave", ["小明(12345678)"], None, None),
    ("小明被管理员小红移出本群", "kick", ["小明"], "小红", None),
    ("小明被移出本群", "kick", ["小明"], None, None),
]


@pytest.mark.parametrize(("line", "action", "who", "by", "scene"), LINES)
def test_who_came_and_went(line: str, action: str, who: list[str], by: str | None, scene: str | None) -> None:
    change = change_of(line, {"爱吃、会做"})
    assert change is not None
    assert [someone.name for someone in change.who] == who
    assert (change.action, change.by and change.by.name, change.scene) == (action, by, scene)


@pytest.mark.parametrize(
    "line",
    [
        "", '"小明" 撤回了一条消息', '"小红"修改群名为“团购”', '"小明" 拍了拍 "小红"', "小红领取了你的红包",
        "以上是打招呼的内容", "<sysmsg", "<sysmsg><template>x</template></sysmsg>",
    ],
)  # fmt: skip
def test_other_lines_are_no_change(line: str) -> None:
    assert change_of(line) is None


XML = """wxid_a:
<sysmsg type="sysmsgtemplate"><sysmsgtemplate><content_template type="tmpl_type_profile">
<plain><![CDATA[]]></plain>
<template><![CDATA["$adder$"通过扫描"$from$"分享的二维码加入群聊  $revoke$]]></template><link_list>
<link name="adder" type="link_profile"><memberlist><member><username>wxid_b</username>
<nickname><![CDATA[小明]]></nickname></member></memberlist></link>
<link name="from" type="link_profile"><memberlist><member><username>wxid_a</username><nickname>小红</nickname>
</member></memberlist></link></link_list></content_template></sysmsgtemplate></sysmsg>"""
PLAIN = XML.replace("<![CDATA[", "").replace("]]>", "")
MANY = PLAIN.replace(
    '"$adder$"通过扫描"$from$"分享的二维码加入群聊  $revoke$', '"$from$"邀请"$adder$"加入了群聊'
).replace("</member>", "</member><member><username>wxid_c</username><nickname>阿强</nickname></member>", 1)


@pytest.mark.parametrize(
    ("text", "who", "scene"),
    [(XML, ["wxid_b"], "qr"), (PLAIN, ["wxid_b"], "qr"), (MANY, ["wxid_b", "wxid_c"], "direct")],
)
def test_templates_say_accounts(text: str, who: list[str], scene: str) -> None:
    change = change_of(text)
    assert change is not None and change.by is not None
    assert [someone.account for someone in change.who] == who
    assert (change.by.account, change.action, change.scene) == ("wxid_a", "join", scene)


def test_a_template_that_declares_entities_is_not_read() -> None:
    text = PLAIN.replace("<sysmsg type", '<!DOCTYPE x [<!ENTITY a "aaaa">]><sysmsg type')
    inside = PLAIN.replace("<sysmsgtemplate>", "<!DOCTYPE x><sysmsgtemplate>", 1)
    assert change_of(inside) is None
    assert change_of(text) is None
