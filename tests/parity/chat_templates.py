"""Chat templates in the manner of published ones, and what transformers renders from them."""

import json

from transformers.utils.chat_template_utils import render_jinja_template

CHATML = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful assistant<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
LLAMA2 = (
    "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}"
    "{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}"
    "{% set system_message = false %}{% endif %}{% for message in loop_messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if loop.index0 == 0 and system_message != false %}"
    "{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}"
    "{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}"
    "{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}"
    "{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}"
)
HEADERS = """{{- bos_token }}
{%- if messages[0].role == 'system' %}
    {%- set system = messages[0]['content'] | trim %}
    {%- set rest = messages[1:] %}
{%- else %}
    {%- set system = "" %}
    {%- set rest = messages %}
{%- endif %}
{{- "<|start|>system<|end|>\\n\\n" }}
{%- if tools is defined and tools is not none %}
    {%- for tool in tools %}
        {{- tool | tojson(indent=4) }}
        {{- "\\n" }}
    {%- endfor %}
{%- endif %}
{{- system }}
{%- for message in rest %}
    {%- if not (message.role == 'tool' or message.tool_calls is defined) %}
        {{- '<|start|>' + message['role'] + '<|end|>\\n\\n' + message['content'] | trim }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start|>assistant<|end|>\\n\\n' }}
{%- endif %}
"""
NAMESPACE = """{%- set ns = namespace(found=false, count=0) -%}
{%- macro show(text, who='nobody') -%}[{{ who | upper }}: {{ text.split(' ')[0] }}/{{ text | length }}]{%- endmacro -%}
{% for message in messages[::-1] %}
{%- if message.role == 'user' and not ns.found %}{% set ns.found = true %}{% set ns.index = loop.index0 %}{% endif -%}
{% set ns.count = ns.count + 1 %}
{%- endfor -%}
{{ ns.count }}|{{ ns.index }}|{{ show(messages[-1].content, who=messages[-1]['role']) }}
{%- for key, value in {'a': 1, 'b': none, 'c': 1.5, 'd': true}.items() %} {{ key }}={{ value }}{% endfor %}
{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | join(' + ') }}
{{ messages[0].content.startswith('You') }} {{ 'x' if 'sys' in messages[0].role else 'y' }} {{ messages[0] | tojson }}
{{ messages[0].content.replace('e', 'E').title() }} {{ '%s' | format(3) }} {{ -7 // 2 }} {{ 7 % 3 }} {{ 'ab' ~ 1 ~ none }}
"""

TEMPLATES = {"chatml": CHATML, "llama2": LLAMA2, "headers": HEADERS, "namespace": NAMESPACE}
CONVERSATIONS = [
    [{"role": "user", "content": "Hello, who are you?"}],
    [{"role": "system", "content": "You answer briefly. <b>&'\"</b>"}, {"role": "user", "content": " What is 2 + 2?\n"}],
    [{"role": "user", "content": "Grüße 😀"}, {"role": "assistant", "content": "Hallo!"}, {"role": "user", "content": "e\u0301"}],
]
TOOLS = [{"type": "function", "function": {"name": "add", "description": "Adds <two> numbers & more", "parameters": {
    "type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "number"}}, "required": ["a", "b"]}}}]


def make(out):
    out.mkdir(parents=True)
    cases = []
    for name, template in TEMPLATES.items():
        (out / f"{name}.jinja").write_text(template)
        for messages in CONVERSATIONS:
            for prompt in (False, True):
                for tools in (None, TOOLS):
                    rendered, _ = render_jinja_template(
                        [messages], chat_template=template, add_generation_prompt=prompt, tools=tools,
                        bos_token="<s>", eos_token="</s>")
                    cases.append({"template": name, "messages": messages, "add_generation_prompt": prompt,
                                  "tools": tools, "rendered": rendered[0]})
    (out / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")
