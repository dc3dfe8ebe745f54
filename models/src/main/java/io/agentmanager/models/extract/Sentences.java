package io.agentmanager.models.extract;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Splits text, Markdown included, into its sentences, each exactly as it stands in the text. */
final class Sentences {
  private static final int SHORTEST = 20;
  private static final int LONGEST = 400;

  private Sentences() {}

  /** The sentences within single lines; headings, tables, code and fragments are left out. */
  static List<String> of(String text) {
    List<String> found = new ArrayList<>();
    boolean code = false;
    for (String line : text.split("\\R", -1)) {
      String plain = line.strip();
      code = plain.startsWith("```") != code;
      if (!code && !isStructure(plain)) {
        addSentences(plain.replaceFirst("^(?:[-*+]|\\d+[.)])\\s+", ""), found);
      }
    }
    return found;
  }

  private static boolean isStructure(String line) {
    return line.isEmpty() || line.startsWith("#") || line.startsWith("|") || line.startsWith("```");
  }

  private static void addSentences(String line, List<String> found) {
    BreakIterator breaks = BreakIterator.getSentenceInstance(Locale.ENGLISH);
    breaks.setText(line);
    int from = breaks.first();
    for (int to = breaks.next(); to != BreakIterator.DONE; from = to, to = breaks.next()) {
      String sentence = line.substring(from, to).strip();
      if (sentence.length() >= SHORTEST
          && sentence.length() <= LONGEST
          && sentence.indexOf('"') < 0) {
        found.add(sentence);
      }
    }
  }
}
