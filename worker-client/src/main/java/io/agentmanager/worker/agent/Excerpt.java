package io.agentmanager.worker.agent;

import java.util.Locale;

/** Shortens what a model is shown; what is left out is said in its place. */
final class Excerpt {
  private static final int SHARES = 4;

  private Excerpt() {}

  /** The beginning and the end of a text that is too long, with a marker between. */
  static String of(String text, int most) {
    return of(text, most, text.length());
  }

  /**
   * The same of a text that may be an excerpt already.
   *
   * @param whole how long it was at first
   */
  static String of(String text, int most, int whole) {
    if (text.length() <= most) {
      return text;
    }
    int tail = most / SHARES;
    int head = most - tail;
    return String.format(
        Locale.ROOT,
        "%s%n[... %,d of %,d characters are left out here; the history holds them all ...]%n%s",
        text.substring(0, unbroken(text, head)),
        whole - most,
        whole,
        text.substring(unbroken(text, text.length() - tail)));
  }

  /** A place that parts no surrogate pair. */
  private static int unbroken(String text, int at) {
    return at > 0 && Character.isHighSurrogate(text.charAt(at - 1)) ? at - 1 : at;
  }
}
