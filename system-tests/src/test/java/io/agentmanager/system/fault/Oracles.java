package io.agentmanager.system.fault;

import io.agentmanager.embedded.EmbeddedPostgreSql;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Looks at tables, topics and the workers' own notes; asks no service how it believes to be. */
final class Oracles {
  private static final List<String> JOURNALS = List.of("planner", "task", "audit");
  private static final List<String> TOPICS =
      List.of(
          "submitted",
          "planned",
          "ready",
          "completed",
          "audit-passed",
          "audit-failed",
          "synthesized",
          "finished");
  private final int postgres;
  private final String kafka;
  private final Path workerLogs;
  private final Map<TopicPartition, Long> readUpTo = new HashMap<>();
  private final Map<String, Set<Long>> onTopics = new HashMap<>();
  private final Map<String, Long> highest = new HashMap<>();
  private int outOfOrder;

  Oracles(int postgresPort, int kafkaPort, Path workerLogs) {
    this.postgres = postgresPort;
    this.kafka = "127.0.0.1:" + kafkaPort;
    this.workerLogs = workerLogs;
  }

  /** An attempt that somebody holds. */
  record Held(String workflow, String step, int attempt, String worker) {}

  /** The status of each workflow that the task-service knows. */
  Map<String, String> statuses(Collection<String> workflows) throws SQLException {
    Map<String, String> found = new HashMap<>();
    query(
        "task",
        "SELECT workflow_id, status FROM workflow WHERE workflow_id = ANY (?)",
        row -> found.put(row.getString(1), row.getString(2)),
        (Object) workflows.toArray(String[]::new));
    return found;
  }

  Set<Held> held() throws SQLException {
    Set<Held> held = new HashSet<>();
    query(
        "task",
        "SELECT workflow_id, step_id, attempt, worker_id FROM step WHERE status = 'IN_PROGRESS'",
        row ->
            held.add(
                new Held(row.getString(1), row.getString(2), row.getInt(3), row.getString(4))));
    return held;
  }

  /** Steps with more accepted results than reworks allow, and attempts that were begun twice. */
  Set<String> doubled(Collection<String> workflows) throws SQLException, IOException {
    Set<String> doubled = new HashSet<>();
    query(
        "task",
        """
        SELECT r.workflow_id FROM step_result AS r
        WHERE r.workflow_id = ANY (?) AND r.status = 'COMPLETED'
        GROUP BY r.tenant_id, r.workflow_id, r.step_id
        HAVING count(*) > 1 + (
          SELECT count(*) FROM journal AS j
          WHERE j.tenant_id = r.tenant_id AND j.workflow_id = r.workflow_id
            AND j.step_id = r.step_id AND j.type = 'step.sent_back')
        """,
        row -> doubled.add(row.getString(1)),
        (Object) workflows.toArray(String[]::new));
    Set<String> begun = new HashSet<>();
    try (Stream<Path> logs = Files.list(workerLogs)) {
      for (Path log : logs.filter(f -> f.toString().endsWith(".begun")).toList()) {
        for (String line : Files.readAllLines(log)) {
          if (!begun.add(line)) {
            doubled.add(line.split(" ")[1]);
          }
        }
      }
    }
    return doubled;
  }

  /** Everything that must be nothing, with what it is instead. */
  List<String> broken(Collection<String> workflows) throws SQLException {
    List<String> faults = new ArrayList<>();
    int locks = locksWithoutAttempt();
    if (locks > 0) {
      faults.add(locks + " locks without their attempt");
    }
    mustBeNone(
        faults,
        "steps in progress, or workflows whose count of open steps is wrong",
        "task",
        """
        SELECT count(*) FROM workflow AS w WHERE w.workflow_id = ANY (?) AND (
          w.open_steps <> (SELECT count(*) FROM step AS s
            WHERE s.tenant_id = w.tenant_id AND s.workflow_id = w.workflow_id
              AND s.status IN ('PENDING', 'READY', 'IN_PROGRESS'))
          OR EXISTS (SELECT 1 FROM step AS s
            WHERE s.tenant_id = w.tenant_id AND s.workflow_id = w.workflow_id
              AND s.status = 'IN_PROGRESS'))
        """,
        (Object) workflows.toArray(String[]::new));
    mustBeNone(
        faults,
        "completed workflows with a step that is not",
        "task",
        """
        SELECT count(*) FROM workflow AS w JOIN step AS s USING (tenant_id, workflow_id)
        WHERE w.workflow_id = ANY (?) AND w.status = 'COMPLETED' AND s.status <> 'COMPLETED'
        """,
        (Object) workflows.toArray(String[]::new));
    faults.addAll(wrongOrder(workflows));
    return faults;
  }

  /** Locks whose attempt does not run, in one look at both tables. */
  int locksWithoutAttempt() throws SQLException {
    int[] count = new int[1];
    query(
        "task",
        """
        SELECT count(*) FROM file_lock AS l LEFT JOIN step AS s USING (tenant_id, workflow_id, step_id)
        WHERE s.status IS DISTINCT FROM 'IN_PROGRESS' OR s.attempt <> l.attempt
        """,
        row -> count[0] = row.getInt(1));
    return count[0];
  }

  /** What must come to rest although it may take a moment: jobs, and the relays. */
  List<String> unsettled() throws SQLException {
    List<String> faults = new ArrayList<>();
    for (String database : List.of("planner", "audit")) {
      mustBeNone(faults, database + " jobs", database, "SELECT count(*) FROM scheduled_tasks");
    }
    readTopics();
    for (String journal : JOURNALS) {
      Set<Long> published = onTopics.getOrDefault(journal, Set.of());
      List<Long> missing = new ArrayList<>();
      query(
          journal,
          "SELECT seq FROM journal WHERE event IS NOT NULL",
          row -> {
            if (!published.contains(row.getLong(1))) {
              missing.add(row.getLong(1));
            }
          });
      if (!missing.isEmpty()) {
        faults.add(
            missing.size()
                + " rows of the "
                + journal
                + " journal are on no topic: "
                + missing.stream().limit(5).toList());
      }
    }
    if (outOfOrder > 0) {
      faults.add(outOfOrder + " events overtook an earlier one of their journal");
    }
    return faults;
  }

  /** Records of all topics, as they are. */
  List<ConsumerRecord<String, byte[]>> records() {
    List<ConsumerRecord<String, byte[]>> all = new ArrayList<>();
    try (KafkaConsumer<String, byte[]> consumer = consumer()) {
      List<TopicPartition> partitions = partitions(consumer);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      drain(consumer, partitions, all);
    }
    return all;
  }

  /** No step was begun before every one that it depends on had completed. */
  private List<String> wrongOrder(Collection<String> workflows) throws SQLException {
    Map<String, List<String>> dependencies = new HashMap<>();
    query(
        "task",
        """
        SELECT workflow_id, step_id, dependencies FROM step_definition
        WHERE workflow_id = ANY (?)
        """,
        row ->
            dependencies.put(
                row.getString(1) + "/" + row.getString(2),
                List.of((String[]) row.getArray(3).getArray())),
        (Object) workflows.toArray(String[]::new));
    Set<String> completed = new HashSet<>();
    List<String> faults = new ArrayList<>();
    query(
        "task",
        """
        SELECT workflow_id, step_id, type, attempt FROM journal
        WHERE workflow_id = ANY (?)
          AND type IN ('step.claimed', 'step.completed', 'step.sent_back')
        ORDER BY tenant_id, workflow_id, seq
        """,
        row -> {
          String step = row.getString(1) + "/" + row.getString(2);
          switch (row.getString(3)) {
            case "step.completed" -> completed.add(step);
            case "step.sent_back" -> completed.remove(step);
            default -> {
              for (String dependency : dependencies.getOrDefault(step, List.of())) {
                if (!completed.contains(row.getString(1) + "/" + dependency)) {
                  faults.add(step + " was begun before " + dependency + " had completed");
                }
              }
            }
          }
        },
        (Object) workflows.toArray(String[]::new));
    return faults;
  }

  private void readTopics() {
    List<ConsumerRecord<String, byte[]>> news = new ArrayList<>();
    try (KafkaConsumer<String, byte[]> consumer = consumer()) {
      List<TopicPartition> partitions = partitions(consumer);
      consumer.assign(partitions);
      partitions.forEach(p -> consumer.seek(p, readUpTo.getOrDefault(p, 0L)));
      drain(consumer, partitions, news);
    }
    for (ConsumerRecord<String, byte[]> record : news) {
      readUpTo.merge(
          new TopicPartition(record.topic(), record.partition()), record.offset() + 1, Math::max);
      String journal =
          header(record, "ce_source").replace("/agentmanager/", "").replace("-service", "");
      long seq = Long.parseLong(header(record, "ce_id"));
      if (onTopics.computeIfAbsent(journal, j -> new HashSet<>()).add(seq)) {
        String lane = journal + "/" + record.topic() + "/" + record.partition();
        Long before = highest.put(lane, seq);
        outOfOrder += before != null && before > seq ? 1 : 0;
      }
    }
  }

  private static void drain(
      KafkaConsumer<String, byte[]> consumer,
      List<TopicPartition> partitions,
      List<ConsumerRecord<String, byte[]>> into) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
      consumer.poll(Duration.ofMillis(500)).forEach(into::add);
    }
  }

  private KafkaConsumer<String, byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of("bootstrap.servers", kafka), new StringDeserializer(), new ByteArrayDeserializer());
  }

  private static List<TopicPartition> partitions(KafkaConsumer<String, byte[]> consumer) {
    return TOPICS.stream()
        .flatMap(topic -> consumer.partitionsFor("agentmanager." + topic).stream())
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .toList();
  }

  private static String header(ConsumerRecord<String, byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return new String(header.value(), StandardCharsets.UTF_8);
  }

  private interface Row {
    void read(ResultSet row) throws SQLException;
  }

  private void mustBeNone(
      List<String> faults, String what, String database, String sql, Object... arguments)
      throws SQLException {
    query(
        database,
        sql,
        row -> {
          if (row.getInt(1) != 0) {
            faults.add(row.getInt(1) + " " + what);
          }
        },
        arguments);
  }

  private void query(String database, String sql, Row reader, Object... arguments)
      throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(EmbeddedPostgreSql.jdbcUrl(postgres, database));
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < arguments.length; i++) {
        Object argument = arguments[i];
        statement.setObject(
            i + 1,
            argument instanceof String[] texts
                ? connection.createArrayOf("text", texts)
                : argument);
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          reader.read(rows);
        }
      }
    }
  }
}
