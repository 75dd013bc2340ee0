# SPDX-License-Identifier: GPL-2.0-or-later
"""Greetings of persons and of machines in several languages, synthesized; made once, kept in build/bench.

Three sets are by espeak-ng. The times in `dsp.amd` were chosen on the voices `TUNED`. `HELD_BACK` are other voices with
the same phrases; the rule that a beep stands alone was added after a false beep there, so that set is not blind any
more. `FRESH` are voices and languages, and `others` synthesizers and phrases, that were first used when all was fixed.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from dsp.levels import Float, level_dbm0
from dsp.resample import to_line
from dsp.tones import sine
from lab import voices

CACHE: Final = Path(__file__).resolve().parents[1] / "build" / "bench" / "greetings"
RATE: Final = 8000

_MACHINES: Final = {
    "en": (
        "You have reached the voice mail of Anna Brown. Please leave a message after the tone.",
        "Hello, this is the office of Doctor Brown. We are closed now. Please leave a message after the beep.",
        "Hi, this is Tom. I can't come to the phone right now, so leave your name and number and I will call you back.",
        "The person you are calling is not available. At the tone, please record your message.",
    ),
    "de": (
        "Guten Tag, hier ist der Anschluss von Familie Schneider. Bitte sprechen Sie nach dem Signalton.",
        "Hallo, ich bin gerade nicht erreichbar. Bitte hinterlassen Sie mir eine Nachricht.",
        "Der Gesprächspartner ist zurzeit nicht erreichbar. Sie können nach dem Ton eine Nachricht sprechen.",
    ),
    "fr": (
        "Bonjour, vous êtes bien chez Martin. Laissez un message après le bip sonore, merci.",
        "Vous êtes sur la messagerie de Claire Dubois. Je ne suis pas disponible, rappelez plus tard.",
        "Bonjour, je suis absent pour le moment. Merci de laisser vos coordonnées après le signal.",
    ),
    "es": (
        "Hola, en este momento no puedo atenderte. Deja tu mensaje después de la señal.",
        "Ha llamado al buzón de voz de Carmen Ruiz. Por favor, deje su mensaje.",
    ),
    "it": (
        "Risponde la segreteria telefonica di Paolo Rossi. Lasciate un messaggio dopo il segnale acustico.",
        "Ciao, adesso non posso rispondere. Lascia un messaggio e ti richiamo appena possibile.",
    ),
    "ru": (
        "Здравствуйте, вы позвонили Ивану Петрову. Оставьте сообщение после сигнала.",
        "Абонент временно недоступен. Пожалуйста, перезвоните позднее.",
    ),
    "pt": (
        "Olá, não posso atender agora. Deixe a sua mensagem após o sinal.",
        "Ligou para o correio de voz de João Silva. Por favor, deixe o seu nome e número.",
    ),
    "nl": (
        "Hallo, u spreekt met het antwoordapparaat van Jan de Vries. Spreek een bericht in na de piep.",
        "Ik ben er even niet. Laat een bericht achter, dan bel ik u terug.",
    ),
    "pl": (
        "Dzień dobry, nie mogę teraz odebrać telefonu. Proszę zostawić wiadomość po sygnale.",
        "Tu poczta głosowa Anny Nowak. Nagraj wiadomość.",
    ),
    "cmn": (
        "您好，您拨打的用户暂时无法接听，请在嘀声后留言。",
        "您好，这里是王先生的语音信箱，请留下您的姓名和电话号码。",
        "对不起，您所拨打的电话已转到语音信箱，请留言。",
    ),
}
_PERSONS: Final = {
    "en": ("Hello?", "Hello, this is Anna speaking.", "Yes?", "Good morning, Brown.", "Hi, who is this?", "Brown."),
    "de": ("Hallo?", "Schneider.", "Ja bitte?", "Guten Tag, Schneider.", "Hallo, wer ist da?"),
    "fr": ("Allô?", "Oui, bonjour.", "Allô, oui?", "Martin, bonjour.", "Oui, c'est Claire."),
    "es": ("¿Diga?", "¿Sí?", "Hola, ¿quién es?", "¿Bueno?"),
    "it": ("Pronto?", "Pronto, chi parla?", "Sì?", "Rossi, buongiorno."),
    "ru": ("Алло?", "Да, слушаю.", "Алло, кто это?"),
    "pt": ("Alô?", "Sim?", "Olá, quem fala?", "Estou, diga."),
    "nl": ("Hallo?", "Met Jan de Vries.", "Goedemorgen, De Vries.", "Ja, met wie spreek ik?"),
    "pl": ("Halo?", "Słucham?", "Tak, słucham.", "Dzień dobry, kto mówi?"),
    "cmn": ("喂?", "喂，你好。", "你好，哪位?", "喂，我是小王。"),
}
_COMPANIES: Final = {
    "en": "Good morning, Brown and Company, Anna speaking, how may I help you?",
    "de": "Autohaus Schneider, guten Tag, mein Name ist Meier, was kann ich für Sie tun?",
    "cmn": "您好，这里是阳光旅行社，我是小王，请问有什么可以帮您?",
}
_LANGUAGES: Final = {"en": ("en-us", "en-gb")}
TUNED: Final = ("m1", "f2", "m3", "f4")
HELD_BACK: Final = ("m2", "f1", "m5", "f3", "m7", "f5", "croak", "klatt2")
FRESH: Final = ("m4", "m6", "m8", "whisper", "Andy", "Annie")
LANGUAGES: Final = ("en", "de", "fr", "es", "it", "ru", "cmn")
FRESH_LANGUAGES: Final = ("pt", "nl", "pl")
OTHER_VOICES: Final = {
    "flite awb": "en", "flite rms": "en", "flite slt": "en", "flite kal16": "en", "festival ked_diphone": "en",
    "festival cmu_us_slt_arctic_hts": "en", "festival lp_diphone": "it", "festival pc_diphone": "it",
    "festival msu_ru_nsh_clunits": "ru", "festival upc_ca_ona_hts": "ca",
}  # fmt: skip
_OTHER_MACHINES: Final = {
    "en": (
        "Thanks for calling. Nobody is home right now. Leave your name, your number and a short message.",
        "This is Robert Miller's phone. I am in a meeting or away from my desk. Speak after the tone, please.",
        "Your call has been forwarded to an automatic voice message system. The customer is not available.",
        "Hey, it's Kate! You know what to do, so do it after the beep, and have a wonderful day.",
        "Welcome to the mailbox of extension four one seven. Please record your message and hang up when done.",
    ),
    "it": (
        "Salve, al momento siamo fuori casa. Lasciate il vostro nome e numero dopo il bip, grazie.",
        "La persona chiamata non è al momento raggiungibile. La preghiamo di richiamare più tardi.",
    ),
    "ru": (
        "Здравствуйте. К сожалению, сейчас никого нет дома. Перезвоните вечером или оставьте сообщение.",
        "Вас приветствует автоответчик. Назовите ваше имя и номер телефона после гудка.",
    ),
    "ca": (
        "Hola, ara mateix no som a casa. Deixeu el vostre missatge després del senyal.",
        "Aquest és el contestador automàtic de la Maria. Digueu el nom i el telèfon, gràcies.",
    ),
}
_OTHER_PERSONS: Final = {
    "en": ("Hello.", "Hello, Miller speaking.", "Yes, hello?", "Kate here.", "Good afternoon.", "Hi, this is Robert."),
    "it": ("Pronto.", "Sì, pronto?", "Buonasera, chi è?", "Bianchi."),
    "ru": ("Алло.", "Слушаю вас.", "Да, алло, говорите."),
    "ca": ("Digui?", "Sí, digui?", "Hola, qui és?"),
}
BEEPS_HZ: Final = (1000, 1400, 440, 800, 2000, 620, 1004)


@dataclass(frozen=True)
class Greeting:
    """Sound after an answer; `kind` is machine, person or company (a person that says a lot)."""

    kind: str
    language: str
    voice: str
    sound: Float
    beep_s: float | None = None  # time of the beep's begin


def speak(voice: str, text: str, words_a_minute: int) -> Float:
    """Return `text` spoken, at the line's rate with a level of -18 dBm0, from the cache if it was made before."""
    name = hashlib.sha256(f"{voice} {words_a_minute} {text}".encode()).hexdigest()[:24]
    file = CACHE / f"{name}.npy"
    if not file.exists():
        x = _said(voice, text, words_a_minute)
        CACHE.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as kept:
            np.save(kept, np.asarray(x * 10 ** ((-18 - level_dbm0(x)) / 20), np.float32))
    return np.asarray(np.load(file), np.float32)


def _said(voice: str, text: str, words_a_minute: int) -> Float:
    if voice in OTHER_VOICES:
        return _without_silence(voices.spoken(voice, text, 165 / words_a_minute))
    made = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", str(words_a_minute), "--stdout", text], capture_output=True, check=True
    ).stdout
    return np.trim_zeros(to_line(np.frombuffer(made[44 : len(made) // 2 * 2], np.int16), 22_050))


def _without_silence(x: Float) -> Float:
    """Return `x` without the almost silent sound before and after it: silence is put around a greeting instead."""
    loud = np.flatnonzero(np.abs(x) > 0.002 * np.abs(x).max())
    return x[loud[0] : loud[-1] + 1]


def available() -> bool:
    """Return whether espeak-ng is installed."""
    return shutil.which("espeak-ng") is not None


def greetings(variants: tuple[str, ...], seed: int = 1, languages: tuple[str, ...] = LANGUAGES) -> list[Greeting]:
    """Return every phrase of the languages by every variant of a voice.

    Each is silence, greeting, beep if a machine, silence.
    """
    rng, made = np.random.default_rng(seed), []
    for language in languages:
        spoken = _LANGUAGES.get(language, (language,))
        kinds = [("machine", t) for t in _MACHINES[language]] + [("person", t) for t in _PERSONS[language]]
        kinds += [("company", _COMPANIES[language])] if language in _COMPANIES else []
        for number, variant in enumerate(variants):
            voice = f"{spoken[number % len(spoken)]}+{variant}"
            for kind, text in kinds:
                sound = speak(voice, text, int(rng.integers(140, 190)))
                made.append(_placed(kind, language, voice, sound, rng))
    return made


def others(seed: int = 5) -> list[Greeting]:
    """Return other phrases by those of the other synthesizers that are installed."""
    rng, made = np.random.default_rng(seed), []
    for voice, language in OTHER_VOICES.items():
        if voices.there(voice):
            kinds = [("machine", t) for t in (*_MACHINES.get(language, ()), *_OTHER_MACHINES[language])]
            kinds += [("person", t) for t in (*_PERSONS.get(language, ()), *_OTHER_PERSONS[language])]
            kinds += [("company", _COMPANIES[language])] if language in _COMPANIES else []
            for kind, text in kinds:
                made.append(_placed(kind, language, voice, speak(voice, text, int(rng.integers(140, 190))), rng))
    return made


def _placed(kind: str, language: str, voice: str, sound: Float, rng: np.random.Generator) -> Greeting:
    before, gap = int(rng.uniform(0.1, 1.2) * RATE), int(rng.uniform(0.3, 1.2) * RATE)
    parts = [np.zeros(before, np.float32), sound * np.float32(10 ** (rng.uniform(-8, 4) / 20))]
    beep_s = None
    if kind == "machine":
        beep_s = (before + len(sound) + gap) / RATE
        tone = sine([float(rng.choice(BEEPS_HZ))], rng.uniform(-20, -8), int(rng.uniform(0.2, 1.0) * RATE))
        parts += [np.zeros(gap, np.float32), tone]
    parts.append(np.zeros(3 * RATE, np.float32))
    return Greeting(kind, language, voice, np.concatenate(parts), beep_s)
