/** A page for people, until a console takes its place. */
@NullMarked
package io.agentmanager.gateway.status;

import org.jspecify.annotations.NullMarked;
