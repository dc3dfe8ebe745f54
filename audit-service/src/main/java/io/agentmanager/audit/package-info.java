/** Audits drained workflows, by rules and by a model. */
@NullMarked
package io.agentmanager.audit;

import org.jspecify.annotations.NullMarked;
