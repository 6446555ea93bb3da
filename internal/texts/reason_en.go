package texts

import (
	"fmt"
	"strings"

	"ecnutd/monitor"
	"ecnutd/ups"
)

// english is the sentence of a reason.
func english(r monitor.Reason) string {
	gone := "it does not answer"
	switch {
	case r.Gone:
		gone = "it left the USB bus"
	case r.Answers:
		gone = "it answers, but not about its status"
	}
	if r.Losses > 1 && r.Code != monitor.LinkBack {
		gone += fmt.Sprintf(", lost %d times in %s", r.Losses, Span(r.For))
	}
	after := fmt.Sprintf("the host is shut down in %s unless the link returns", Span(r.Wait))
	stays := ""
	switch {
	case r.Stays && r.Feeds != "":
		after, stays = r.Feeds+" feeds the host, which stays up", "; "+r.Feeds+" feeds the host, which stays up"
	case r.Stays:
		after = "nothing is shut down, since this host only watches"
	}
	numbers := figures("charge %d %%, ", "charge unknown, ", "runtime ", "runtime unknown", r)
	lowest := ""
	if r.Lowest.Known && (!r.Charge.Known || r.Lowest.N < r.Charge.N) {
		lowest = fmt.Sprintf(", lowest charge %d %%", r.Lowest.N)
	}
	cause := ""
	switch r.Cause {
	case monitor.LowSaid:
		cause = "the UPS says that the battery is low"
	case monitor.LowTime:
		cause = "the UPS says that the time limit is reached"
	case monitor.LowImminent:
		cause = fmt.Sprintf("the UPS has said for %s that it is about to shut down", Span(r.Limit))
	case monitor.LowCharge:
		cause = fmt.Sprintf("charge at or below %d %%", r.LimitN)
	case monitor.LowRuntime:
		cause = "runtime at or below " + seconds(r.LimitN)
	case monitor.LowSilent:
		cause = fmt.Sprintf("not heard for %s, taken for low", Span(r.Silent))
	case monitor.LowFlickers:
		cause = "the UPS says again and again that the battery is low"
	case monitor.LowPushed:
		cause = "the UPS has said once that the battery is low, and cannot be asked"
	case monitor.LowChargeFloor:
		cause = fmt.Sprintf("charge at or below the UPS's own limit of %d %%", r.LimitN)
	case monitor.LowRuntimeFloor:
		cause = fmt.Sprintf("runtime at or below %s, no more than a shutdown takes", seconds(r.LimitN))
	}
	went := ""
	if r.Hosts != "" {
		went = "; " + r.Hosts + " went down and does not start again by itself"
	}
	switch r.Code {
	case monitor.OnBatteryNow:
		return "on battery: " + numbers
	case monitor.BackOnMains:
		return fmt.Sprintf("on mains again after %s: %s%s", Span(r.For), numbers, lowest)
	case monitor.LinkBack:
		often := ""
		if r.Losses > 1 {
			often = fmt.Sprintf(", lost %d times", r.Losses)
		}
		return strings.TrimSuffix(fmt.Sprintf("the link is back after %s%s: %s, %s", Span(r.For), often, Status(ups.English, r.Status), knownFigures("charge %d %%", "runtime ", r)), ", ")
	case monitor.LoginRefused:
		return "the host with the UPS refuses the login of this one: it would not wait for it in a shutdown, and cut its power"
	case monitor.LoginTaken:
		return "the host with the UPS has taken the login, and waits for this one in a shutdown"
	case monitor.NotFound:
		if r.Answers {
			return "the UPS answers, but does not say where its power comes from: this host is not protected"
		}
		return "the UPS was not found: " + gone
	case monitor.LostOnMains:
		return fmt.Sprintf("link lost on mains: %s; nothing will be shut down for this", gone)
	case monitor.LostOnBattery:
		return fmt.Sprintf("link lost on battery: %s; last known %s; %s", gone, numbers, after)
	case monitor.StillLost:
		return fmt.Sprintf("not heard for %s, last known %s, %s", Span(r.Silent), orNothing(ups.English, r.Status, "no status"), numbers)
	case monitor.Low:
		return lowSays(r.Cause, "battery low, ") + cause + ": " + numbers + stays
	case monitor.NotLow:
		return "the battery is no longer low: " + numbers
	case monitor.LowOnBattery:
		return fmt.Sprintf("on battery for %s and %s, %s", Span(r.For), cause, numbers)
	case monitor.SilentTooLong:
		return fmt.Sprintf("on battery for %s and not heard for %s, last known %s", Span(r.For), Span(r.Silent), numbers)
	case monitor.LimitReached:
		return fmt.Sprintf("on battery for %s (limit %s), %s", Span(r.For), Span(r.Limit), numbers)
	case monitor.TimerEnded:
		if r.For == 0 {
			return fmt.Sprintf("timer %s ended after %s", r.Text, Span(r.Limit))
		}
		return fmt.Sprintf("on battery for %s (limit %s, timer %s), %s", Span(r.For), Span(r.Limit), r.Text, numbers)
	case monitor.RuleGaveUp:
		return fmt.Sprintf("on battery for %s, and the rule for %s says to shut down, %s", Span(r.For), r.Text, numbers)
	case monitor.Ordered:
		return "shutdown ordered: " + order(ups.English, r.Text)
	case monitor.PrimaryOrdered:
		return "the host that has the UPS orders the shutdown (FSD), " + numbers
	case monitor.CalledOff:
		r.Code = r.Was
		return "the reason is gone: " + english(r) + went
	case monitor.ChargeFalls:
		text := fmt.Sprintf("the charge fell from %d %% to %d %% within %s while the status says %s", r.Lowest.N, r.Charge.N, Span(r.For), orNothing(ups.English, r.Status, "nothing"))
		if r.Wait > 0 || r.Stays {
			text += "; the status is not fresh, so this counts as a link lost on battery; " + after
		}
		return text
	case monitor.SecondariesGo:
		return "the reason is gone, but " + orText(r.Text, "another host") + " was told to go down and starts again only when the output was cut: the shutdown goes on"
	case monitor.FoundFlag:
		return "the power down flag stands, so a shutdown is under way: " + r.Text
	case monitor.GivenAgain:
		return fmt.Sprintf("the shutdown command was given %s ago and the host is still up, on battery: it is given again%s", Span(r.For), failed(ups.English, r.Text))
	case monitor.Survived:
		return fmt.Sprintf("the host has survived its shutdown: the command was given %s ago, nothing of it is pending, and mains is there%s%s", Span(r.For), failed(ups.English, r.Text), went)
	case monitor.MaintenanceBegan:
		until := "; it ends at an outage"
		if r.Stays {
			until = ", through outages too"
		}
		return fmt.Sprintf("maintenance for %s%s: no messages, and silence of a UPS shuts nothing down%s", Span(r.Wait), bracketed(r.Text), until)
	case monitor.MaintenanceOver:
		return "the maintenance is over" + bracketed(r.Text) + unlinked("; no link to ", r.Feeds)
	case monitor.MaintenanceStopped:
		return "the maintenance was ended" + bracketed(r.Text) + unlinked("; no link to ", r.Feeds)
	case monitor.MaintenanceOutage:
		return "mains is lost: the maintenance ends" + bracketed(r.Text) + unlinked("; no link to ", r.Feeds)
	case monitor.MaintenanceShutdown:
		return "the host is going to be shut down: the maintenance ends" + bracketed(r.Text)
	case monitor.BatteryWorn:
		return "the UPS says that its battery has to be replaced: " + numbers
	case monitor.BatteryGood:
		return "the UPS no longer says that its battery has to be replaced"
	case monitor.ConditionBegan:
		return strings.TrimSuffix(fmt.Sprintf("%s, %s; %s", orNothing(ups.English, r.Status, "no status"), numbers, Alarm(ups.English, r.Text)), "; ")
	case monitor.ConditionEnded:
		return fmt.Sprintf("%s, %s", orNothing(ups.English, r.Status, "no status"), numbers)
	}
	return ""
}
