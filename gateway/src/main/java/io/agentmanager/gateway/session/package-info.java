/** Sessions of people: few a person, ended when idle, bound to the device that began them. */
@NullMarked
package io.agentmanager.gateway.session;

import org.jspecify.annotations.NullMarked;
