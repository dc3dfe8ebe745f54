/** Typed identifiers. */
@NullMarked
package io.agentmanager.contracts.id;

import org.jspecify.annotations.NullMarked;
