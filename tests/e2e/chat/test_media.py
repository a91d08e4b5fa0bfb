"""Sound, film and pictures in the chat: played from where one likes, taken with a telephone, dropped in."""

import base64
import io
import wave

import pytest
from playwright.sync_api import FilePayload, Page, Request, expect

from core.types import new_id
from tests.e2e.browser import NARROW, Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.chat.page import ChatWindow
from tests.e2e.chat.test_files import attach, send, tray
from tests.factories.files import png

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

SECONDS = 40


def test_a_sound_is_played_from_its_middle_and_only_that_part_is_asked_for(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    asked = ranges(ben.page)
    attach(ana, FilePayload(name="call.wav", mimeType="audio/wav", buffer=wav(SECONDS)))
    ana.say("the call")
    player = ben.hears("the call").locator("audio")
    expect(player).to_have_attribute("aria-label", "call.wav")
    expect(player).to_have_js_property("duration", SECONDS)
    ben.shot("media-audio")
    place = player.evaluate(PLAYED_FROM, SECONDS - 5)
    assert place > SECONDS - 5
    starts = [int(each.partition("=")[2].partition("-")[0]) for each in asked]
    # From near its end, and not all of the two megabytes before it.
    assert max(starts) > wav_offset(SECONDS - 10)


def test_a_film_is_played_in_its_place(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    asked = ranges(ben.page)
    attach(ana, FilePayload(name="harbour.webm", mimeType="video/webm", buffer=film(ana.page)))
    ana.say("the film")
    player = ben.hears("the film").locator("video")
    expect(player).to_have_js_property("videoWidth", 64)
    assert player.evaluate(PLAYED_FROM, 0) > 0
    assert asked
    ben.shot("media-video")
    expect(ben.hears("the film").get_by_role("link", name="Download")).to_be_visible()


def test_a_telephone_takes_a_picture_with_its_camera(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name=f"camera {new_id()[-5:]}")
    phone = firm.open(windows, "ana", room, size=NARROW, has_touch=True, is_mobile=True)
    camera = phone.page.locator("input[capture]")
    expect(camera).to_have_attribute("capture", "environment")
    expect(camera).to_have_attribute("accept", "image/*")
    with phone.page.expect_file_chooser() as choosing:
        phone.button("Take a picture").tap()
    choosing.value.set_files([FilePayload(name="image.png", mimeType="image/png", buffer=png(900, 1200))])
    expect(tray(phone).locator('[data-state="done"]')).to_have_count(1)
    phone.shot("media-camera")
    send(phone)
    ben = firm.open(windows, "ben", room)
    expect(ben.page.get_by_role("button", name="Open image.png").locator("img")).to_be_visible()


def test_a_mouse_is_not_offered_the_camera(talk: list[ChatWindow]) -> None:
    expect(talk[0].button("Take a picture")).to_be_hidden()


def test_a_picture_is_shown_in_full_and_can_be_saved_from_there(talk: list[ChatWindow]) -> None:
    ana, ben = talk
    attach(ana, FilePayload(name="tall.png", mimeType="image/png", buffer=png(600, 3000)))
    send(ana)
    open_ = ben.page.get_by_role("button", name="Open tall.png")
    expect(open_.locator("img")).to_have_js_property("complete", value=True)
    open_.press("Enter")
    viewer = ben.page.get_by_role("dialog", name="tall.png")
    picture = viewer.get_by_role("img", name="tall.png")
    expect(picture).to_be_in_viewport(ratio=1)
    expect(picture).not_to_have_js_property("naturalWidth", 0)
    expect(viewer.get_by_role("button", name="Next picture")).to_have_count(0)
    with ben.page.expect_download() as loading:
        viewer.get_by_role("link", name="Download").click()
    assert loading.value.suggested_filename == "tall.png"
    viewer.get_by_role("button", name="Close").click()
    expect(open_).to_be_focused()


def test_what_is_dragged_over_the_conversation_is_told_where_it_goes(talk: list[ChatWindow]) -> None:
    ana, _ = talk
    told = ana.page.get_by_text("Drop files to add them to your message")
    ana.page.evaluate(DRAGGED, ["dragover", "text"])
    expect(told).to_have_count(0)
    ana.page.evaluate(DRAGGED, ["dragover", "file"])
    expect(told).to_be_in_viewport()
    ana.shot("media-drop")
    ana.page.evaluate(DRAGGED, ["dragleave", "file"])
    expect(told).to_have_count(0)
    ana.page.evaluate(DRAGGED, ["dragover", "file"])
    ana.page.evaluate(DRAGGED, ["drop", "file"])
    expect(told).to_have_count(0)
    expect(tray(ana).get_by_text("dropped.txt")).to_be_visible()
    expect(ana.composer).to_be_focused()


def ranges(page: Page) -> list[str]:
    """Return the list into which the parts go that a page asks of files."""
    found: list[str] = []

    def note(request: Request) -> None:
        part = request.headers.get("range")
        if part and "/files/" in request.url:
            found.append(part)

    page.on("request", note)
    return found


def wav(seconds: int) -> bytes:
    """Return silence, as a recorder writes it."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(22_050)
        sound.writeframes(b"\0" * (wav_offset(seconds)))
    return out.getvalue()


def wav_offset(seconds: int) -> int:
    """Return where the sound of a second begins, but for its head."""
    return seconds * 22_050 * 4


def film(page: Page) -> bytes:
    """Return a film of a moment, recorded by the browser itself."""
    return base64.b64decode(page.evaluate(RECORDED))


PLAYED_FROM = """(player, from) => new Promise((done, fail) => {
  player.muted = true;
  player.onerror = () => fail(new Error(player.error?.message));
  player.onseeked = () => player.play().catch(fail);
  player.ontimeupdate = () => player.currentTime > from && done(player.currentTime);
  player.currentTime = from;
})"""

RECORDED = """() => new Promise((done) => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
  const pen = canvas.getContext('2d');
  const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: 'video/webm;codecs=vp8' });
  const parts = [];
  let drawn = 0;
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.onstop = async () => {
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    done(btoa(String.fromCharCode(...bytes)));
  };
  const draw = () => {
    pen.fillStyle = drawn % 2 ? '#1d5c63' : '#7cc5ca';
    pen.fillRect(0, 0, 64, 48);
    drawn += 1;
    if (drawn < 30) requestAnimationFrame(draw); else recorder.stop();
  };
  recorder.start();
  draw();
})"""

DRAGGED = """([kind, what]) => {
  const data = new DataTransfer();
  if (what === 'file') data.items.add(new File(['dropped'], 'dropped.txt', { type: 'text/plain' }));
  else data.setData('text/plain', 'words');
  document.querySelector('.conversation').dispatchEvent(
    new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""
