"""The official `openai` client against `frugal serve`. Usage: openai_client.py FRUGAL MODEL_FOLDER

Prints the lines of Rust's test harness, so that one reader counts both.
"""

import asyncio
import pathlib
import shutil
import subprocess
import sys
import tempfile

import openai

TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:"
ASK = dict(model="small", prompt="the cat", temperature=0, max_tokens=24)
CHAT = dict(model="small", temperature=0, max_completion_tokens=12, messages=[{"role": "user", "content": "hello"}])


def models_are_listed(client):
    assert [model.id for model in client.models.list()] == ["small"]
    assert client.models.retrieve("small").owned_by == "frugal"


def a_stream_is_the_whole_in_parts(client):
    whole = client.completions.create(**ASK)
    parts = list(client.completions.create(**ASK, stream=True, stream_options={"include_usage": True}))
    text = "".join(part.choices[0].text for part in parts if part.choices)
    assert text == whole.choices[0].text and text
    assert parts[-1].usage == whole.usage and whole.usage.completion_tokens == 24, (parts[-1], whole)
    assert whole.choices[0].finish_reason == "length"


def a_conversation_streams(client):
    whole = client.chat.completions.create(**CHAT, logprobs=True, top_logprobs=2)
    message = whole.choices[0].message
    assert message.role == "assistant" and message.content
    assert len(whole.choices[0].logprobs.content) == 12
    assert whole.choices[0].logprobs.content[0].top_logprobs[0].logprob <= 0
    parts = list(client.chat.completions.create(**CHAT, stream=True))
    assert parts[0].choices[0].delta.role == "assistant"
    assert "".join(part.choices[0].delta.content or "" for part in parts) == message.content


def a_seed_repeats(client):
    drawn = lambda seed: client.completions.create(**{**ASK, "temperature": 1.5, "seed": seed}).choices[0].text
    assert drawn(7) == drawn(7) != drawn(8)


def a_stop_string_ends(client):
    text = client.completions.create(**ASK).choices[0].text
    stop = text[6:8]
    cut = client.completions.create(**ASK, stop=[stop]).choices[0]
    assert (cut.text, cut.finish_reason) == (text.split(stop)[0], "stop")


def refusals_have_their_types(client):
    for kind, more in [
        (openai.NotFoundError, {"model": "large"}),
        (openai.BadRequestError, {"temperature": -1}),
        (openai.BadRequestError, {"prompt": ""}),
        (openai.BadRequestError, {"n": 3}),
        (openai.BadRequestError, {"prompt": "x" * 9_000}),
    ]:
        try:
            client.completions.create(**{**ASK, **more})
        except kind as error:
            assert error.body["message"] and error.param, error.body
        else:
            raise AssertionError(f"{more} was taken")


def ten_at_once_of_which_five_vanish(client):
    alone = client.completions.create(**ASK).choices[0].text

    async def stay(other):
        return (await other.completions.create(**ASK)).choices[0].text

    async def vanish(other):
        stream = await other.completions.create(**{**ASK, "max_tokens": 100}, stream=True)
        async for _ in stream:
            await stream.close()
            return None

    async def all_of_them():
        async with openai.AsyncOpenAI(base_url=client.base_url, api_key="unused", max_retries=0) as other:
            return await asyncio.gather(*[stay(other) if i % 2 else vanish(other) for i in range(10)])

    said = [text for text in asyncio.run(all_of_them()) if text is not None]
    assert said == [alone] * 5, said


TESTS = [models_are_listed, a_stream_is_the_whole_in_parts, a_conversation_streams, a_seed_repeats, a_stop_string_ends,
         refusals_have_their_types, ten_at_once_of_which_five_vanish]


def main():
    frugal, folder = sys.argv[1:]
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        model = pathlib.Path(scratch, "small")
        shutil.copytree(folder, model)
        (model / "chat_template.jinja").write_text(TEMPLATE)
        server = subprocess.Popen(
            [frugal, "serve", "--listen", "127.0.0.1:0", "--data", f"{scratch}/data", "--model", model],
            stderr=subprocess.PIPE, text=True)
        try:
            line = next(line for line in server.stderr if "serving on" in line)
            address = line.split("serving on ")[1].split(";")[0]
            client = openai.OpenAI(base_url=f"{address}/v1", api_key="unused", max_retries=0)
            for test in TESTS:
                try:
                    test(client)
                    print(f"test openai::{test.__name__} ... ok", flush=True)
                except Exception as error:  # noqa: BLE001 - whatever it is, the test failed
                    failed += 1
                    print(f"test openai::{test.__name__} ... FAILED\n{type(error).__name__}: {error}", flush=True)
        finally:
            server.terminate()
            server.communicate()
    print(f"test result: {'FAILED' if failed else 'ok'}. {len(TESTS) - failed} passed; {failed} failed; 0 ignored")
    sys.exit(failed > 0)


main()
