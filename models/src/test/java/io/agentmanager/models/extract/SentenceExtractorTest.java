package io.agentmanager.models.extract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SentenceExtractorTest {
  @Test
  void extractedSentencesStandInTheTextWordForWord() {
    String text =
        "# Trees\n\n"
            + "Many people like trees. We decided to plant 40 oaks because they live long.\n"
            + "```\n"
            + "code must not be quoted here\n"
            + "```\n"
            + "- The decision must hold for at least 10 years.\n"
            + "It rained on that day in the town.";
    var sentences = SentenceExtractor.extract(text, "Which decisions about oaks?", 2);
    assertThat(sentences)
        .containsExactly(
            "We decided to plant 40 oaks because they live long.",
            "The decision must hold for at least 10 years.");
    assertThat(sentences).allSatisfy(s -> assertThat(text).contains(s));
  }
}
