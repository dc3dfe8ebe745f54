package io.agentmanager.audit.rule;

/**
 * A text that can only be looked at for so long: a pattern that backtracks without end stops at it.
 */
final class TimedText implements CharSequence {
  private final CharSequence text;
  private final long end;

  private TimedText(CharSequence text, long end) {
    this.text = text;
    this.end = end;
  }

  static TimedText of(String text, long limitNanos) {
    return until(text, System.nanoTime() + limitNanos);
  }

  /** Until that time of {@link System#nanoTime()}. */
  static TimedText until(String text, long end) {
    return new TimedText(text, end);
  }

  /** The time is over. */
  static final class Expired extends RuntimeException {
    private static final long serialVersionUID = 1;

    Expired() {
      super("a pattern took too long", null, false, false);
    }
  }

  @Override
  public char charAt(int index) {
    if (System.nanoTime() - end > 0) {
      throw new Expired();
    }
    return text.charAt(index);
  }

  @Override
  public int length() {
    return text.length();
  }

  @Override
  public CharSequence subSequence(int from, int to) {
    return new TimedText(text.subSequence(from, to), end);
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
