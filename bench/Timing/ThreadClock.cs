using System.Diagnostics;
using System.Runtime.InteropServices;

namespace VerifiableCompute.Bench.Timing;

/// <summary>The time that this thread has run, where the system tells (Linux); otherwise the time that has passed.</summary>
internal static class ThreadClock
{
    private const int ThreadTime = 3;

    /// <summary>Seconds since some moment.</summary>
    public static double Seconds
    {
        get
        {
            if (!OperatingSystem.IsLinux() || GetTime(ThreadTime, out Moment moment) != 0)
            {
                return Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
            }

            return moment.Seconds + (moment.Nanoseconds * 1e-9);
        }
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int GetTime(int clock, out Moment moment);

    [StructLayout(LayoutKind.Sequential)]
    private struct Moment
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
