/** How the whole installation does, for operators. */
@NullMarked
package io.agentmanager.gateway.diagnosis;

import org.jspecify.annotations.NullMarked;
