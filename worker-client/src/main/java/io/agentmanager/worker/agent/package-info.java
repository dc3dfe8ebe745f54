/** The reason-act loop: a chat model, tools, and a record of every turn. */
@NullMarked
package io.agentmanager.worker.agent;

import org.jspecify.annotations.NullMarked;
