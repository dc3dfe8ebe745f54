/** Workers of plain code: nothing is on their class path but the library and what it brings. */
@NullMarked
package io.agentmanager.examples.plain;

import org.jspecify.annotations.NullMarked;
