using System.Diagnostics;
using System.Text.Json;

using NUnit.Framework;

namespace VerifiableCompute.Engine.Tests.Cli;

/// <summary>Runs the command line in a folder, one process a command.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Native">The executable of machine code; null: the program on the runtime.</param>
internal sealed record Shell(string Folder, string? Native = null)
{
    /// <summary>Runs a command with --json and gives the last line that it says.</summary>
    internal JsonElement Says(int exit, params string[] arguments)
    {
        (int code, string output, string error) = Run([.. arguments, "--json"]);
        Assert.That(code, Is.EqualTo(exit), $"{string.Join(' ', arguments)}: {output}{error}");
        return JsonDocument.Parse(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;
    }

    /// <summary>Runs a command that is refused.</summary>
    /// <returns>Why.</returns>
    internal string Refuses(int exit, params string[] arguments)
    {
        (int code, string output, string error) = Run(arguments);
        Assert.That(code, Is.EqualTo(exit), $"{string.Join(' ', arguments)}: {output}{error}");
        return error;
    }

    /// <summary>Runs a command.</summary>
    internal (int Exit, string Output, string Error) Run(params string[] arguments)
    {
        ProcessStartInfo start = new(Native ?? (Environment.ProcessPath is string host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet"))
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Native is null)
        {
            start.ArgumentList.Add(typeof(Engine.Cli.Faults.Fault).Assembly.Location);
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
