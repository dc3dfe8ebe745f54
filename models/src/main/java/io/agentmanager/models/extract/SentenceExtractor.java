package io.agentmanager.models.extract;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Picks the sentences of a text that say most about a request, by the cue, key and title methods of
 * H. P. Edmundson, "New Methods in Automatic Extracting", Journal of the ACM 16(2), 1969.
 *
 * <p>Cue: words that announce a decision, a reason or a finding, and figures. Key: words that are
 * frequent in the text (H. P. Luhn, 1958). Title: words of the request. A sentence's score is the
 * weighted sum, divided by the square root of its length so that long sentences do not win by
 * length. Nothing is rewritten: a picked sentence is a part of the text, word for word.
 */
public final class SentenceExtractor {
  private static final double CUE = 2.0;
  private static final double FIGURE = 1.5;
  private static final double KEY = 0.5;
  private static final double TITLE = 1.5;
  private static final int KEY_WORDS = 20;
  private static final int SHORTEST_WORD = 3;
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\d]+");
  private static final Set<String> CUES =
      Set.of(
          "decided",
          "decision",
          "chose",
          "chosen",
          "because",
          "therefore",
          "must",
          "never",
          "always",
          "measured",
          "instead",
          "reason",
          "result",
          "cost",
          "costs",
          "requires",
          "guarantees",
          "only",
          "limit",
          "at",
          "most",
          "least");
  private static final Set<String> STOP =
      Set.of(
          "the", "and", "for", "that", "with", "this", "are", "was", "were", "from", "has", "have",
          "had", "not", "but", "its", "which", "they", "their", "them", "then", "than", "into",
          "will", "would", "can", "could", "should", "been", "being", "each", "all", "any", "one",
          "two", "what", "when", "where", "who", "how", "why", "you", "your", "our", "out", "over",
          "read", "extract", "file", "files", "write", "list", "find", "cite", "source", "sources");

  private SentenceExtractor() {}

  /**
   * The best sentences, in the order of the text.
   *
   * @param request what the reader wants to know
   * @param most how many at most
   */
  public static List<String> extract(String text, String request, int most) {
    List<String> sentences = Sentences.of(text);
    Set<String> keys = keyWords(text);
    Set<String> title = new HashSet<>(words(request));
    return IntStream.range(0, sentences.size())
        .boxed()
        .sorted(
            Comparator.<Integer>comparingDouble(i -> -score(sentences.get(i), keys, title))
                .thenComparing(i -> i))
        .limit(most)
        .sorted()
        .map(sentences::get)
        .toList();
  }

  private static double score(String sentence, Set<String> keys, Set<String> title) {
    List<String> words = words(sentence);
    double score = 0;
    for (String word : words) {
      score += CUES.contains(word) ? CUE : 0;
      score += Character.isDigit(word.charAt(0)) ? FIGURE : 0;
      score += keys.contains(word) ? KEY : 0;
      score += title.contains(word) ? TITLE : 0;
    }
    return score / Math.sqrt(Math.max(1, words.size()));
  }

  private static Set<String> keyWords(String text) {
    Map<String, Integer> counts = new HashMap<>();
    words(text).forEach(word -> counts.merge(word, 1, Integer::sum));
    return counts.entrySet().stream()
        .filter(e -> e.getValue() > 1 && e.getKey().length() > SHORTEST_WORD)
        .sorted(
            Map.Entry.<String, Integer>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(KEY_WORDS)
        .map(Map.Entry::getKey)
        .collect(java.util.stream.Collectors.toSet());
  }

  private static List<String> words(String text) {
    return WORD.matcher(text.toLowerCase(Locale.ENGLISH))
        .results()
        .map(java.util.regex.MatchResult::group)
        .filter(word -> !STOP.contains(word))
        .toList();
  }
}
