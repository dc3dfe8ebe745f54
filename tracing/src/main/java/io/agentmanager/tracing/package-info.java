/** One trace a workflow: what begins spans, and how a trace travels as a text. */
@NullMarked
package io.agentmanager.tracing;

import org.jspecify.annotations.NullMarked;
