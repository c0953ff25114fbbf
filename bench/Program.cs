using VerifiableCompute.Bench.Oracle;

string verb = args.Length > 0 ? args[0] : string.Empty;
string filter = args.Length > 1 ? args[1] : string.Empty;
switch (verb)
{
    case "oracle":
        return OracleRun.Run(filter);
    default:
        Console.Error.WriteLine("usage: bench oracle|speed|micro [FILTER]");
        return 64;
}
