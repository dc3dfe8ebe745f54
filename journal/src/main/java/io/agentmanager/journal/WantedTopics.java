package io.agentmanager.journal;

import java.util.List;
import org.apache.kafka.clients.admin.NewTopic;

/** Topics that have to be there, as they are written down. */
public record WantedTopics(List<NewTopic> topics) {}
