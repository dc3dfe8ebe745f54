package io.agentmanager.gateway.identity;

/** What callers say, as it is kept: shortened, and without characters that steer. */
public final class Printable {
  private static final int LONGEST = 200;

  private Printable() {}

  /** At most {@value #LONGEST} characters, each control character replaced by U+FFFD. */
  public static String of(String text) {
    String beginning = text.length() <= LONGEST ? text : text.substring(0, LONGEST);
    return beginning.replaceAll("\\p{Cntrl}", "\uFFFD");
  }
}
