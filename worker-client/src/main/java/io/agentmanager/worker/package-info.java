/** Claims steps, runs them, reports. The part of this library that programs are written against. */
@NullMarked
package io.agentmanager.worker;

import org.jspecify.annotations.NullMarked;
