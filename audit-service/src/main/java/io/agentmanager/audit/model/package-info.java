/** What a model thinks of the work, on top of the rules. */
@NullMarked
package io.agentmanager.audit.model;

import org.jspecify.annotations.NullMarked;
