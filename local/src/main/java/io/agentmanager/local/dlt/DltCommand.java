package io.agentmanager.local.dlt;

import io.agentmanager.local.stack.DataFolder;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks at dead letters and sends them on their way again. */
@Command(
    name = "dlt",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "(list | show | replay)",
    description = "Dead letters: records that a service could not handle, with their causes.")
public final class DltCommand {
  private static final int WIDTH = 100;
  private static final int UNKNOWN = 1;

  /** Which broker to ask. */
  static final class Broker {
    @Option(
        names = "--bootstrap",
        description = "the Kafka broker (else KAFKA_BOOTSTRAP_SERVERS, else the local stack's)")
    private @Nullable String bootstrap;

    @Option(
        names = "--properties",
        paramLabel = "FILE",
        description = "properties of Kafka's clients, for brokers that ask who calls")
    private @Nullable Path properties;

    @Option(
        names = "--prefix",
        defaultValue = "agentmanager.",
        description = "what stands before the names of topics (agentmanager.)")
    private String prefix = "agentmanager.";

    @Option(
        names = "--data",
        defaultValue = ".agentmanager",
        description = "folder of the local stack (.agentmanager)")
    private Path data = Path.of(".agentmanager");

    DeadLetters open() throws IOException {
      String servers = bootstrap == null ? System.getenv("KAFKA_BOOTSTRAP_SERVERS") : bootstrap;
      if (servers == null || servers.isBlank()) {
        if (!Files.exists(data.resolve("run"))) {
          throw new IOException(
              "No broker is known: start the local stack with ./am up, or give --bootstrap"
                  + " (or KAFKA_BOOTSTRAP_SERVERS).");
        }
        servers = DataFolder.open(data).bootstrapServers();
      }
      return new DeadLetters(servers, prefix, ofClients());
    }

    private Map<String, String> ofClients() throws IOException {
      Properties read = new Properties();
      if (properties != null) {
        try (Reader file = Files.newBufferedReader(properties)) {
          read.load(file);
        }
      }
      return read.stringPropertyNames().stream()
          .collect(Collectors.toMap(name -> name, read::getProperty));
    }
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists dead letters that were not replayed, the oldest first.")
  int list(
      @Mixin Broker broker,
      @Option(names = "--all", description = "those that were replayed, too") boolean all)
      throws IOException, InterruptedException {
    try (DeadLetters letters = broker.open()) {
      List<DeadLetter> shown =
          letters.all().stream().filter(letter -> all || !letter.replayed()).toList();
      for (DeadLetter letter : shown) {
        System.out.printf(
            "%-24s  %s  %-16s  %s  %s%s%n",
            letter.id(),
            letter.at(),
            letter.group(),
            letter.workflow(),
            letter.replayed() ? "(replayed) " : "",
            brief(letter.cause()));
      }
      System.out.println(shown.size() == 1 ? "1 dead letter" : shown.size() + " dead letters");
      return 0;
    }
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Shows a dead letter with its cause.")
  int show(@Mixin Broker broker, @Parameters(paramLabel = "ID") String id)
      throws IOException, InterruptedException {
    try (DeadLetters letters = broker.open()) {
      List<DeadLetter> found = letters.all().stream().filter(l -> l.id().equals(id)).toList();
      found.forEach(DltCommand::print);
      return found.isEmpty() ? unknown(Set.of(id)) : 0;
    }
  }

  @Command(
      name = "replay",
      mixinStandardHelpOptions = true,
      description = "Sends dead letters to the topics they came from.")
  int replay(
      @Mixin Broker broker,
      @Parameters(paramLabel = "ID", arity = "0..*") List<String> ids,
      @Option(names = "--all", description = "every letter that was not replayed yet") boolean all)
      throws IOException, InterruptedException {
    if (all != (ids == null || ids.isEmpty())) {
      throw new IOException("Name the letters to replay, or give --all.");
    }
    try (DeadLetters letters = broker.open()) {
      Set<String> wanted = new LinkedHashSet<>(ids == null ? List.of() : ids);
      List<DeadLetter> found =
          letters.all().stream()
              .filter(l -> all ? !l.replayed() : wanted.contains(l.id()))
              .toList();
      wanted.removeAll(found.stream().map(DeadLetter::id).collect(Collectors.toSet()));
      if (!wanted.isEmpty()) {
        return unknown(wanted);
      }
      letters.replay(found);
      found.forEach(letter -> System.out.println(letter.id() + " sent to " + letter.topic()));
      System.out.println(found.size() + " replayed");
      return 0;
    }
  }

  private static int unknown(Set<String> ids) {
    System.err.println("There is no dead letter " + String.join(", ", ids) + ".");
    return UNKNOWN;
  }

  private static void print(DeadLetter letter) {
    System.out.println("id        " + letter.id());
    System.out.println("at        " + letter.at());
    System.out.println("topic     " + letter.topic());
    System.out.println("group     " + letter.group());
    System.out.println("workflow  " + letter.workflow());
    System.out.println("replayed  " + (letter.replayed() ? "yes" : "no"));
    System.out.println("cause     " + letter.cause());
    letter
        .dead()
        .headers()
        .forEach(
            header -> {
              if (!header.key().startsWith(DeadLetter.HEADERS)) {
                System.out.println("header    " + header.key() + ": " + DeadLetter.text(header));
              }
            });
    System.out.println("data      " + letter.data());
    System.out.println(letter.stackTrace());
  }

  private static String brief(String text) {
    String line = text.replaceAll("\\s+", " ").strip();
    return line.length() <= WIDTH ? line : line.substring(0, WIDTH) + "\u2026";
  }
}
